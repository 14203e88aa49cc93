import { HubError } from '../../domain/errors.ts';
import type { ConsentStatement, SourceRow } from '../../domain/model/source-record.ts';
import type { PlatformContext } from '../platform.ts';
import type { Subscription, SubscriptionOutcome } from '../web-forms.ts';
import { callOperation, refusedOperation, tryOperation } from './call-operation.ts';
import { fieldsOf, permissionsProperty, splitBitKey } from './fields.ts';
import { planOf } from './mapping.ts';
import { normaliseContact } from './normalise.ts';
import { operations } from './operations/index.ts';
import { canBeSearched } from './search.ts';

/** How far Mail+'s clock may be from ours. */
const clockToleranceMs = 60_000;
const mostContacts = 50;
const operation = operations['subscription.subscribe'];

/** Errors after which Mail+ certainly knows nothing of the call. */
const neverArrived: ReadonlySet<string> = new Set(['PLATFORM_UNREACHABLE', 'PLATFORM_RATE_LIMITED', 'PLATFORM_LOGIN_REFUSED']);

/** Subscribes somebody by `subscription/subscribe` and reads the contact back (`ServesForms.subscribe`). */
export async function subscribe(context: PlatformContext, subscription: Subscription, note: (begun: boolean) => Promise<void>): Promise<SubscriptionOutcome> {
  if (subscription.begunAt !== null) {
    const look = await readBack(context, subscription);
    if (look === undefined) return unsure('an address with «&» cannot be searched in Mail+');
    if (mayBeUndone(subscription, subscription.begunAt, look.rows)) return unsure('the permission is off and the contact was changed since, so the person may have undone it');
    if (subscription.permissionKeys.every((key) => look.rows.some((row) => row.held[key] === true))) return { kind: 'stored', ...look };
  }
  const refusal = await send(context, subscription, note);
  if (refusal !== undefined) return { kind: 'refused', error: refusal };
  return { kind: 'stored', ...await readBack(context, subscription) ?? { rows: [], readAt: new Date(context.now()).toISOString() } };
}

async function send(context: PlatformContext, { email, permissionKeys }: Subscription, note: (begun: boolean) => Promise<void>): Promise<HubError | undefined> {
  const permissions = permissionKeys.flatMap((key) => {
    const bit = splitBitKey(key)?.bit;
    return bit === undefined ? [] : [{ bit, enabled: true }];
  });
  await note(true);
  try {
    const { refusal } = await tryOperation(context, operation, { body: { properties: { email, [permissionsProperty]: permissions } } });
    if (refusal === undefined) return undefined;
    const error = refusedOperation(operation, refusal);
    if (error.recovery === 'retry' || error.recovery === 'authorisation') throw error;
    return error;
  } catch (error) {
    if (error instanceof HubError && neverArrived.has(error.code)) await note(false);
    throw error;
  }
}

/** The contacts with the address, the person's consent with those that show it as on; `undefined` when an address cannot be searched. */
async function readBack(context: PlatformContext, subscription: Subscription): Promise<{ readonly rows: readonly SourceRow[]; readonly readAt: string } | undefined> {
  const { email } = subscription;
  if (!canBeSearched(email)) return undefined;
  const plan = planOf(await fieldsOf(context), context);
  const readAt = new Date(context.now()).toISOString();
  const page = await callOperation(context, operations['contact.search'], { MPSearchQuery: { email }, pageSize: mostContacts });
  const rows = page.rows.map((contact) => normaliseContact(context, plan, contact)).filter((row) => 'held' in row);
  return { rows: rows.filter((row) => row.held['email'] === email).map((row) => withConsent(context, row, subscription)), readAt };
}

/** The row with the dated consent in place of what could be concluded from the switch alone. */
function withConsent(context: PlatformContext, row: SourceRow, { permissionKeys, at, evidence }: Subscription): SourceRow {
  const isStated = (key: string): boolean => permissionKeys.includes(key) && row.held[key] === true;
  const links = Object.entries(context.permissionKeys);
  const consents = links.filter(([, key]) => isStated(key)).map(([permission, heldKey]): ConsentStatement & { heldKey: string } => ({ permission, heldKey, granted: true, at, evidence }));
  return { ...row, consents, observedPermissions: Object.fromEntries(links.filter(([, key]) => !isStated(key))) };
}

/** Somebody changed the contact after the call was begun, and a permission is off: it may have been the person. */
function mayBeUndone({ permissionKeys }: Subscription, begunAt: string, rows: readonly SourceRow[]): boolean {
  const since = Date.parse(begunAt) - clockToleranceMs;
  return rows.some((row) => permissionKeys.some((key) => row.held[key] !== true) && (row.sourceTime === null || Date.parse(row.sourceTime) > since));
}

function unsure(why: string): SubscriptionOutcome {
  const message = `The subscription was sent, and whether it was stored is not known: ${why}.`;
  return { kind: 'refused', error: new HubError('PLATFORM_OUTCOME_UNKNOWN', message, { fix: 'Look at the contact in Mail+. `hub failed skip` sets the subscription aside; `hub failed retry` sends it again.' }) };
}
