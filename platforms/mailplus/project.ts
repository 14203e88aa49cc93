import type { Scalar } from '../../domain/model/fields.ts';
import type { DesiredRecord, PlatformContext, PlatformField, Projection } from '../platform.ts';
import { fitValue, type Fit } from './fit-value.ts';
import { splitBitKey } from './fields.ts';
import { planOf, type PropertyPlan } from './mapping.ts';
import { mailplusSettings, type MailplusSettings } from './settings.ts';

/** What the projection of Mail+ needs of its context. */
export type OwnContext = Pick<PlatformContext, 'settings' | 'fields' | 'mapping'>;

/**
 * A contact in Mail+'s properties, by the fields that the account really has. A value that Mail+ does not take is withheld with its
 * reason, never the contact. A language is never blanked: a system that stops telling it does not mean that the person has none. Excluded for
 * want of an address to send to. Pure.
 */
export function projectContact(context: OwnContext, record: DesiredRecord): Projection {
  const settings = mailplusSettings(context.settings);
  const plan = planOf(context.fields, context);
  const fields: Record<string, Scalar> = {};
  const withheld: { key: string; reason: string }[] = [];
  for (const [canonical, target] of plan.targets) {
    const value = record.canonical[canonical];
    if (value === undefined || (canonical === 'language' && !hasValue(value))) continue;
    const fit = fitTarget(plan, settings, target, value);
    if ('withheld' in fit) takeElsewhere(settings, plan, { canonical, target, value, reason: fit.withheld }, { fields, withheld });
    else fields[target] = fit.value;
  }
  emptyForeignPostcode(settings, plan, fields);
  const excluded = whyExcluded(settings, plan, fields);
  return { fields, withheld, ...(excluded === undefined ? {} : { excluded }) };
}

function whyExcluded(settings: MailplusSettings, plan: PropertyPlan, fields: Readonly<Record<string, Scalar>>): string | undefined {
  if (hasValue(fields[plan.targets.get('email') ?? ''])) return undefined;
  if (!settings.smsChannel) return 'no e-mail address, and no SMS channel is mapped';
  return hasValue(fields[plan.targets.get('mobile') ?? '']) ? undefined : 'no e-mail address and no mobile number';
}

/** A Dutch postcode, or none, leaves no postcode in the property for those abroad. */
function emptyForeignPostcode(settings: MailplusSettings, plan: PropertyPlan, fields: Record<string, Scalar>): void {
  const other = settings.foreignPostcodeProperty;
  const usual = plan.targets.get('postalCode');
  if (other !== null && usual !== undefined && plan.fields.has(other) && fields[usual] !== undefined) fields[other] ??= null;
}

const hasValue = (value: Scalar | undefined): boolean => value !== undefined && value !== null && value !== '';

function fitTarget(plan: PropertyPlan, settings: MailplusSettings, target: string, value: Scalar): Fit {
  const field = plan.fields.get(target);
  if (field !== undefined) return fitValue(field.type, value, settings.timeZone);
  const set = splitBitKey(target);
  if (set === undefined || !isSwitch(plan.fields.get(set.property), target)) return { withheld: `the Mail+ account has no property «${target}»` };
  return typeof value === 'boolean' || value === null ? { value: value === true } : { withheld: 'only yes or no fits a set of Mail+' };
}

function isSwitch(field: PlatformField | undefined, key: string): boolean {
  return field?.entries?.some((entry) => entry.key === key) === true;
}

interface Misfit {
  readonly canonical: string;
  readonly target: string;
  readonly value: Scalar;
  readonly reason: string;
}

/** A postcode that is not Dutch goes to the property that the settings name for such, if there is one; the Dutch property is emptied. */
function takeElsewhere(
  settings: MailplusSettings, plan: PropertyPlan, misfit: Misfit, into: { fields: Record<string, Scalar>; withheld: { key: string; reason: string }[] },
): void {
  const other = settings.foreignPostcodeProperty;
  const isPostcode = misfit.canonical === 'postalCode' && plan.fields.get(misfit.target)?.type === 'postcode';
  const fit = isPostcode && other !== null ? fitTarget(plan, settings, other, misfit.value) : undefined;
  if (fit !== undefined && other !== null && 'value' in fit) {
    into.fields[misfit.target] = null;
    into.fields[other] = fit.value;
  } else into.withheld.push({ key: misfit.target, reason: misfit.reason });
}
