import { extraPrefix } from '../../domain/model/fields.ts';
import type { Fields, Instant, Scalar } from '../../domain/model/fields.ts';
import type { DeliveryItem, DesiredRecord, Projection } from '../platform.ts';
import { addressPrefix, consentPrefix, heldKeyOf } from './names.ts';
import type { ConsentPatch, ProspectPatch } from './schema.ts';

function coinsText(value: Scalar): string {
  return value === null ? '' : String(value);
}

/** Why Coins does not get a value, or nothing. */
function reasonToWithhold(name: string, value: string): string | undefined {
  if (name === 'email' && value === '') return 'an e-mail address is never emptied in Coins from outside';
  if (name === 'country' && value !== '' && !/^[A-Z]{2}$/.test(value)) return 'Coins takes a country code of two letters';
  return undefined;
}

const userNameReason = 'the e-mail address is the user name there (setting emailIsUserName)';

/**
 * The desired state of a prospect: only fields whose winning value was *edited* outside Coins. A value that another source merely
 * had, or that comes from a card of whatever Coins (`coinsConnectors` are the ids of all of them), is left out: prospects who
 * share an e-mail address keep their own names. A user name is left as it is. Permissions are left to the hub. Pure.
 */
export function projectContact(coinsConnectors: ReadonlySet<string>, record: DesiredRecord, emailIsUserName = false): Projection {
  const fields: Record<string, Scalar> = {};
  const withheld: { key: string; reason: string; value?: string }[] = [];
  for (const [name, key] of Object.entries(heldKeyOf)) {
    const origin = record.provenance[name];
    const value = record.canonical[name];
    if (value === undefined || !origin?.edited || coinsConnectors.has(origin.connectorId)) continue;
    const text = coinsText(value);
    if (name === 'email' && emailIsUserName) {
      withheld.push({ key, reason: userNameReason, value: text });
      continue;
    }
    const reason = reasonToWithhold(name, text);
    if (reason === undefined) fields[key] = text;
    else withheld.push({ key, reason });
  }
  return { fields, withheld };
}

/** The profile part of a difference as a body, or nothing when only permissions differ. */
export function prospectPatchOf(changes: Fields): ProspectPatch | undefined {
  const profile: Record<string, string> = {};
  const address: Record<string, string> = {};
  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith(consentPrefix) || key.startsWith(extraPrefix)) continue;
    if (key.startsWith(addressPrefix)) address[key.slice(addressPrefix.length)] = coinsText(value);
    else profile[key] = coinsText(value);
  }
  const hasAddress = Object.keys(address).length > 0;
  if (!hasAddress && Object.keys(profile).length === 0) return undefined;
  return { ...profile, ...(hasAddress && { address }), origin: 'spotler' };
}

/** What goes to the consents of one prospect, withdrawals first, and the grants that can not be passed on. */
export interface ConsentPatches {
  readonly patches: readonly ConsentPatch[];
  /** Codes of grants without a date. */
  readonly undatedGrants: readonly string[];
}

/**
 * The permissions of a difference as bodies. A withdrawal without a date is dated `now`; a grant without one is not sent,
 * because any date that we gave it could beat a withdrawal that Coins has.
 */
export function consentPatchesOf(item: Pick<DeliveryItem, 'changes' | 'permissionDates'>, now: Instant): ConsentPatches {
  const withdrawals: ConsentPatch[] = [];
  const grants: ConsentPatch[] = [];
  const undatedGrants: string[] = [];
  for (const [key, value] of Object.entries(item.changes)) {
    if (!key.startsWith(consentPrefix)) continue;
    const code = key.slice(consentPrefix.length);
    const date = item.permissionDates[key] ?? null;
    if (value !== true) withdrawals.push({ code, value: false, date: date ?? now, origin: 'spotler' });
    else if (date === null) undatedGrants.push(code);
    else grants.push({ code, value: true, date, origin: 'spotler' });
  }
  return { patches: [...withdrawals, ...grants], undatedGrants };
}
