import type { Account } from '../state/account.ts';
import { applyPatches, permissionsProperty } from '../state/apply-patches.ts';
import type { Contact } from '../state/contact.ts';
import { parseProperties } from '../state/property-values.ts';
import { ControlError } from './control-error.ts';
import { seedContactSchema } from './schemas.ts';
import type { SeedContact } from './schemas.ts';
import { defaultExternalIdField } from './selector.ts';

/**
 * Puts contacts into the account as if they had always been there: values are checked as the API checks them, an
 * address or id that is in use is a 400, and nothing counts as an effect of the API. All or those before the first bad one.
 */
export function seedContacts(account: Account, seeds: readonly SeedContact[]): number {
  for (const [index, seed] of seeds.entries()) seedContact(account, seed, index);
  return seeds.length;
}

function seedContact(account: Account, input: SeedContact, index: number): void {
  const seed = seedContactSchema.parse(input);
  const properties = seedProperties(account, seed.properties, seed.permissions, index);
  const externalIds = {
    ...seed.externalIds,
    ...(seed.externalId !== undefined && { [defaultExternalIdField(account)]: seed.externalId }),
  };
  refuseDuplicate(account, properties, externalIds, index);
  const createdMs = seed.created ?? seed.lastChanged ?? account.nowMs();
  account.contacts.create({
    properties, externalIds, testGroup: seed.testGroup, createdMs, lastChangedMs: seed.lastChanged ?? createdMs,
  });
}

function seedProperties(
  account: Account, raw: Readonly<Record<string, unknown>>, permissions: readonly number[] | undefined, index: number,
): Contact['properties'] {
  const withPermissions = permissions === undefined
    ? raw
    : { ...raw, [permissionsProperty]: permissions.map((bit) => ({ bit, enabled: true })) };
  const patches = parseProperties(account.catalogue, withPermissions);
  if ('problem' in patches) throw new ControlError(400, `Contact ${index}: ${patches.problem}`);
  return applyPatches(account.catalogue, {}, patches, true);
}

function refuseDuplicate(
  account: Account, properties: Contact['properties'], externalIds: Contact['externalIds'], index: number,
): void {
  const email = account.catalogue.emailOf(properties);
  const isUnique = account.options.mergeRules.includes('email');
  if (isUnique && email !== undefined && account.contacts.byEmail(email).length > 0) {
    throw new ControlError(400, `Contact ${index}: the e-mail address is in use`);
  }
  for (const [field, externalId] of Object.entries(externalIds)) {
    if (account.contacts.byExternalId(field, externalId) !== undefined) {
      throw new ControlError(400, `Contact ${index}: ${field} ${externalId} is in use`);
    }
  }
}
