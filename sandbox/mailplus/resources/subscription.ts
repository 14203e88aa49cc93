import { ApiError } from '../http/api-error.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { bitsOf, permissionsProperty } from '../state/apply-patches.ts';
import { isBitState } from '../state/property-values.ts';
import type { ContactInput } from '../state/upsert.ts';
import { writeOne } from './contact.ts';
import { contactInput } from './request-body.ts';

/**
 * Sign-up of one person by a form of a website (contract 3.11): the body is a bare contact, with an address and a
 * permission that is on. The external id is optional.
 */
export const subscriptionOperations: readonly Operation[] = [
  { method: 'POST', path: 'subscription/subscribe', handle: subscribe },
];

function subscribe(call: Call): Reply {
  const { account } = call;
  const input = contactInput(call.body);
  const email = requiredAddress(call, input);
  requirePermission(input);
  const reply = writeOne(call, input, 'subscribe', false);
  const contact = account.contacts.byEmail(email)[0];
  const bits = bitsOf(contact?.properties[permissionsProperty]);
  account.starts.record({
    kind: 'subscribe', contact, target: permissionsProperty, atMs: account.nowMs(), credential: call.credential.key, detail: { permissions: bits },
  });
  return reply;
}

function requiredAddress(call: Call, { properties }: ContactInput): string {
  const { catalogue } = call.account;
  const name = catalogue.definitions.find(({ type }) => type === 'email')?.name ?? 'email';
  const email = properties[name];
  if (typeof email !== 'string' || email === '') throw new ApiError(400, 'INVALID_PROPERTY', 'Email is invalid');
  return email;
}

function requirePermission({ properties }: ContactInput): void {
  const permissions = properties[permissionsProperty];
  const isOn = Array.isArray(permissions) && permissions.some((element: unknown) => isBitState(element) && element.enabled);
  if (!isOn) throw new ApiError(400, 'INVALID_PROPERTY', `Property is invalid: ${permissionsProperty} must have one that is enabled`);
}
