import { HubError } from '../../domain/errors.ts';
import type { PlatformContext, PlatformField } from '../platform.ts';
import { findAudience } from './audience-calls.ts';
import { noAudiences } from './audience-making.ts';
import { discoverFields, permissionsProperty } from './fields.ts';
import { writeAudienceId } from './list-names.ts';
import { planOf } from './mapping.ts';
import { selectionsOf } from './settings.ts';
import { requireUsableForms } from './web-forms.ts';

/**
 * A signed read of the properties: proves address, key and secret. Throws PLATFORM_LOGIN_REFUSED with what to do in Mail+,
 * CONFIGURATION_INVALID when the address answers something else, the account lacks what contacts need, or a form names what it does not have,
 * PERMISSION_UNLINKED for a linked permission that is not there. Notes are advice for a person.
 */
export async function checkConnection(context: PlatformContext): Promise<{ readonly notes: readonly string[]; readonly fields: readonly PlatformField[] }> {
  const fields = await discoverFields(context).catch((error: unknown) => {
    throw isNotMailplus(error) ? notMailplus() : error;
  });
  const plan = planOf(fields, context);
  const email = plan.targets.get('email');
  if (email === undefined || !fields.some((field) => field.name === email && field.type === 'email')) {
    throw new HubError('CONFIGURATION_INVALID', `The Mail+ account shows no property «${email ?? 'email'}» of type email. Make it visible in Mail+, or map another with the setting properties.`, { field: 'properties' });
  }
  if (!fields.some((field) => field.name === permissionsProperty && field.type === 'set')) {
    throw new HubError('CONFIGURATION_INVALID', 'The Mail+ account shows no set «permissions». Make it visible in Mail+: without it no permission can be kept.', { field: permissionsProperty });
  }
  requireLinks(fields, context.permissionKeys);
  requireUsableForms(fields, context.settings);
  return { fields, notes: [...missingProperties(fields, context), ...await licenceNotes(context), externalIdAdvice] };
}

const externalIdAdvice = 'Choose a Mail+ field of its own as the external id of this authentication: another system that writes the same field would overwrite the hub\'s ids.';

/** Whether the licence has audiences is asked where selections become such: any id will do. */
async function licenceNotes(context: PlatformContext): Promise<readonly string[]> {
  if (!selectionsOf(context.settings).includes('audience')) return [];
  return (await findAudience(context, writeAudienceId(context.connectorId, 'check'))).kind === 'notLicensed' ? [noAudiences] : [];
}

function requireLinks(fields: readonly PlatformField[], permissionKeys: PlatformContext['permissionKeys']): void {
  const keys = new Set(fields.flatMap((field) => (field.entries ?? []).map((entry) => entry.key)));
  const lost = Object.entries(permissionKeys).find(([, key]) => !keys.has(key));
  if (lost !== undefined) throw new HubError('PERMISSION_UNLINKED', `The Mail+ account has no switch «${lost[1]}» for the permission «${lost[0]}».`, { field: lost[1] });
}

function missingProperties(fields: readonly PlatformField[], context: PlatformContext): readonly string[] {
  const plan = planOf(fields, context);
  const there = new Set(fields.flatMap((field) => [field.name, ...(field.entries ?? []).map((entry) => entry.key)]));
  const missing = [...plan.targets.values()].filter((target) => !there.has(target));
  const notes = missing.length === 0 ? [] : [`The account shows no property ${missing.map((name) => `«${name}»`).join(', ')}; what belongs there is withheld.`];
  const postcode = plan.targets.get('postalCode');
  const isDutch = fields.some((field) => field.name === postcode && field.type === 'postcode');
  if (isDutch) notes.push(`The property «${postcode ?? ''}» takes Dutch postcodes only; others are withheld, or go to the setting foreignPostcodeProperty.`);
  return notes;
}

/** Whether an answer looks like that of another server: a page where JSON was due, or a path that is not known. */
function isNotMailplus(error: unknown): boolean {
  return error instanceof HubError && error.code === 'PLATFORM_ANSWER_INVALID';
}

function notMailplus(): HubError {
  return new HubError('CONFIGURATION_INVALID', 'The address does not answer as Mail+ does; check the setting baseUrl.', { field: 'baseUrl' });
}
