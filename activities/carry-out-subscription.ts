import type { Selectable } from 'kysely';
import { z } from 'zod';
import { HubError } from '../domain/errors.ts';
import { inAccount, type Trx } from '../db/database.ts';
import { applyPage } from '../db/repositories/apply/apply-page.ts';
import { failInbox, noteInboxBegun, withdrawnSince } from '../db/repositories/inbox-outcome.ts';
import { isBarredAddress } from '../db/repositories/erase/suppressed.ts';
import type { InboxTable } from '../db/tables/flow.ts';
import type { SubscriptionOutcome } from '../platforms/web-forms.ts';
import type { ApplyContext } from './apply-context.ts';
import { platformContext, type LoadedConnector } from './connector-context.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** What the gateway keeps of somebody who subscribed by a form: the kind and the payload of the inbox row. */
export const subscriptionPayload = z.object({ email: z.string(), permissionKeys: z.array(z.string()), evidence: z.string() });

/** What carrying out a subscription led to. */
export interface SubscriptionResult {
  readonly failed: boolean;
  readonly raisedFor: readonly string[];
  readonly mergesRequested: number;
}

type InboxRow = Selectable<InboxTable>;
const nothing: SubscriptionResult = { failed: false, raisedFor: [], mergesRequested: 0 };

/**
 * Sends one subscription to the platform and applies what is read back, with the person's consent of the moment at which the form was
 * sent. A permission that the person withdrew since is left out, and nothing is sent for somebody who was erased or blocked. What the platform refuses is set aside at once: it would refuse it again.
 */
export async function carryOutSubscription(
  deps: ActivityDependencies, connector: LoadedConnector, context: ApplyContext, row: InboxRow, signal: AbortSignal, done: (trx: Trx) => Promise<void>,
): Promise<SubscriptionResult> {
  const permissionKeys = (await isBarred(deps, row)) ? [] : await stillWanted(deps, connector, row);
  const outcome = permissionKeys.length === 0 ? undefined : await send(deps, connector, row, permissionKeys, signal);
  if (outcome?.kind === 'refused') {
    await failInbox(deps.db, row.id, outcome.error.code, outcome.error.message);
    return { ...nothing, failed: true };
  }
  if (outcome === undefined || outcome.rows.length === 0) {
    await inAccount(deps.db, context.accountId, done);
    return nothing;
  }
  const { raisedFor, mergesRequested } = await applyPage(deps.db, {
    ...context, rows: outcome.rows, readAt: outcome.readAt, receivedAt: new Date(deps.now()).toISOString(), isPushed: false, mayCreate: true,
    urgency: 'live', cause: { kind: row.kind, inbox: row.id }, progress: done,
  });
  return { failed: false, raisedFor, mergesRequested };
}

/** Whoever was erased or blocked is not brought in again by a form: an operator who blocked has the last word. */
async function isBarred(deps: ActivityDependencies, row: InboxRow): Promise<boolean> {
  const { email } = subscriptionPayload.parse(row.payload);
  const scope = { accountId: row.account_id, fingerprint: (plain: string) => deps.secrets.fingerprint(plain) };
  return inAccount(deps.db, row.account_id, (trx) => isBarredAddress(trx, scope, email));
}

async function stillWanted(deps: ActivityDependencies, { permissionKeys }: LoadedConnector, row: InboxRow): Promise<readonly string[]> {
  const { email, permissionKeys: wanted } = subscriptionPayload.parse(row.payload);
  const links = Object.entries(permissionKeys).filter(([, key]) => wanted.includes(key));
  const withdrawn = await inAccount(deps.db, row.account_id, (trx) => withdrawnSince(trx, email, links.map(([permission]) => permission), row.received_at));
  return wanted.filter((key) => !links.some(([permission, linked]) => linked === key && withdrawn.has(permission)));
}

async function send(deps: ActivityDependencies, connector: LoadedConnector, row: InboxRow, permissionKeys: readonly string[], signal: AbortSignal): Promise<SubscriptionOutcome> {
  const { platform } = connector;
  if (platform.subscribe === undefined) throw new HubError('INTERNAL', `${platform.description.title} takes no subscriptions.`);
  const { email, evidence } = subscriptionPayload.parse(row.payload);
  const note = async (begun: boolean): Promise<void> => noteInboxBegun(deps.db, row.id, begun ? new Date(deps.now()).toISOString() : null);
  return platform.subscribe(platformContext(deps, connector, signal), { email, permissionKeys, evidence, at: row.received_at, begunAt: row.begun_at }, note);
}
