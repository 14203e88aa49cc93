import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { subscriptionPayload } from '../../activities/carry-out-subscription.ts';
import { acceptInbound } from '../../db/repositories/inbox-accept.ts';
import { HubError } from '../../domain/errors.ts';
import { normaliseEmail } from '../../domain/identity/email.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import type { Caller } from '../http/access.ts';
import type { LoadedForm } from './load-form.ts';

/** What a visitor who subscribes sends. */
export interface SubscribeRequest {
  readonly email: string;
  readonly permissions: readonly string[];
  /** The visitor's address, where the page wants it among the evidence. */
  readonly ip?: string | undefined;
}

/**
 * Keeps a subscription; a worker carries it out. Committed when this resolves. The answer is the same whether or not the address is known.
 * Throws REQUEST_INVALID with the field, NOT_FOUND for a form that does not subscribe.
 */
export async function subscribeByForm(deps: Pick<GatewayDependencies, 'db' | 'now'>, caller: Caller, { form, context }: LoadedForm, request: SubscribeRequest, origin: string | undefined): Promise<void> {
  if (form.permissions.length === 0) throw new HubError('NOT_FOUND', `The form «${form.name}» does not subscribe.`, { field: 'form', fix: 'Name permissions in `permissions` of this form, in the setting `forms` of the connector.' });
  const other = request.permissions.findIndex((key) => !form.permissions.includes(key));
  if (other >= 0) throw new HubError('REQUEST_INVALID', `The form does not offer this permission. It offers: ${form.permissions.join(', ')}.`, { field: `permissions.${other}` });
  const email = normaliseEmail(request.email);
  if (!email.ok) throw new HubError('REQUEST_INVALID', email.reason, { field: 'email' });
  const payload: z.infer<typeof subscriptionPayload> = { email: email.value, permissionKeys: [...new Set(request.permissions)], evidence: evidenceOf(form, origin, request.ip) };
  const key = randomUUID();
  await acceptInbound(deps.db, {
    accountId: caller.accountId, connectorId: context.connectorId, kind: 'subscription', key, bodyHash: createHash('sha256').update(key).digest(), payload, rejected: [],
    answer: { status: 202, body: { accepted: true } }, receivedAt: new Date(deps.now()).toISOString(),
  });
}

/** Where the person said so, for the consent ledger; when is the date of the statement. */
function evidenceOf({ name, wording }: LoadedForm['form'], origin: string | undefined, ip: string | undefined): string {
  return [`form «${name}»`, wording === null ? undefined : `wording «${wording}»`, origin === undefined ? undefined : `on ${origin}`, ip === undefined ? undefined : `from ${ip}`].filter((part) => part !== undefined).join(', ');
}
