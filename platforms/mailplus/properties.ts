import type { Scalar } from '../../domain/model/fields.ts';
import type { SourceRow } from '../../domain/model/source-record.ts';
import { bitKey, permissionsProperty } from './fields.ts';
import { readingOf, type PropertyPlan, type Reading } from './mapping.ts';
import { wireBitSchema } from './schema.ts';
import type { MailplusSettings } from './settings.ts';
import { readValue } from './values.ts';

/** What a contact's properties say: canonical, as held, and where each came from. */
export type PropertiesRead = Pick<SourceRow, 'canonical' | 'held' | 'heldKeyOf' | 'visible'>;

/** A reading under way. */
interface Draft {
  readonly plan: PropertyPlan;
  readonly settings: MailplusSettings;
  readonly canonical: Record<string, Scalar>;
  readonly held: Record<string, Scalar>;
  /** Of fields that the account's list of properties does not show. */
  readonly added: Record<string, string>;
}

/**
 * Reads the properties of a contact. Every known switch that is not listed is off: Mail+ returns only properties that have data
 * (contract §3.2), so a contact whose last permission went off may come without the whole set, and that must not look as if
 * nothing were known. Pure.
 */
export function readProperties(plan: PropertyPlan, settings: MailplusSettings, properties: Readonly<Record<string, unknown>>): PropertiesRead {
  const draft: Draft = { plan, settings, canonical: {}, held: { ...plan.allOff }, added: {} };
  for (const name in properties) {
    const raw = properties[name];
    if (Array.isArray(raw)) takeSwitches(draft, name, raw);
    else if (!plan.switches.has(name)) takeValue(draft, plan.readings.get(name) ?? readingOf(plan.canonicalOf, name), raw);
  }
  takeForeignPostcode(draft);
  const { canonical, held, added } = draft;
  const heldKeyOf = Object.keys(added).length === 0 ? plan.heldKeyOf : { ...plan.heldKeyOf, ...added };
  return { canonical, held, heldKeyOf, ...(plan.visible === undefined ? {} : { visible: plan.visible }) };
}

function takeValue(draft: Draft, reading: Reading, raw: unknown): void {
  const value = readValue(reading.type, reading.canonical, raw, draft.settings);
  if (value === undefined) return;
  draft.held[reading.key] = value.held;
  if (value.canonical === undefined) put(draft, reading.extra, reading.key, value.held);
  else put(draft, reading.canonical, reading.key, value.canonical);
}

function takeSwitches(draft: Draft, property: string, list: readonly unknown[]): void {
  for (const element of list) {
    const parsed = wireBitSchema.safeParse(element);
    if (!parsed.success) continue;
    const bit = Number(parsed.data.bit);
    const reading = draft.plan.switches.get(property)?.get(bit) ?? readingOf(draft.plan.canonicalOf, bitKey(property, bit), 'set');
    draft.held[reading.key] = parsed.data.enabled;
    if (property !== permissionsProperty) put(draft, reading.canonical, reading.key, parsed.data.enabled);
  }
}

/** The postcode of a contact abroad, from the property that was set aside for such. */
function takeForeignPostcode(draft: Draft): void {
  const key = draft.settings.foreignPostcodeProperty;
  const value = key === null ? undefined : draft.held[key];
  if (key === null || value === undefined || draft.canonical['postalCode'] !== undefined) return;
  draft.canonical['postalCode'] = value;
  draft.added['postalCode'] = key;
}

function put(draft: Draft, name: string, key: string, value: Scalar): void {
  draft.canonical[name] = value;
  if (draft.plan.heldKeyOf[name] === undefined) draft.added[name] = key;
}
