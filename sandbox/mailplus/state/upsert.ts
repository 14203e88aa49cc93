import type { MailplusCredential, MergeRule } from '../options.ts';
import type { Account } from './account.ts';
import { applyPatches, countPermissionFlips } from './apply-patches.ts';
import type { Contact } from './contact.ts';
import { parseProperties } from './property-values.ts';
import type { PropertyPatch } from './property-values.ts';
import type { RequestedCode } from './refusals.ts';

/** A contact as a request gives it, after its shape was checked. */
export interface ContactInput {
  /** `undefined` only for a subscription. */
  readonly externalId: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly testGroup?: boolean;
}

/**
 * `insert` refuses a contact known by its external id, `upsert` takes both, `update` refuses an unknown one.
 * `subscribe` looks for the address first, whatever the account's merge rules.
 */
export type WriteMode = 'insert' | 'upsert' | 'update' | 'subscribe';

/** Per-contact codes of the batch insert that a refusal can carry. */
export type RefusalCode = 'CONTACT_ALREADY_EXISTS' | 'CONTACT_UNKNOWN' | RequestedCode;

/** What became of one contact of a write. `identical`: accepted, and nothing was different. */
export type WriteOutcome =
  | { readonly kind: 'created' | 'changed' | 'identical'; readonly contact: Contact }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string };

/**
 * Writes one contact by the account's merge rules (contract 3.3 and 4.6): the contact that the first matching rule
 * finds is changed, none found is created. Found by e-mail, it takes over the new external id. All or nothing.
 */
export function writeContact(
  account: Account, credential: MailplusCredential, input: ContactInput, mode: WriteMode, purge: boolean,
): WriteOutcome {
  const target = input.externalId === undefined
    ? undefined
    : account.contacts.byExternalId(credential.externalIdField, input.externalId);
  const outcome = decide(account, credential, { input, mode, purge, byExternalId: target });
  count(account, target, outcome);
  return outcome;
}

interface Write {
  readonly input: ContactInput;
  readonly mode: WriteMode;
  readonly purge: boolean;
  readonly byExternalId: Contact | undefined;
}

function decide(account: Account, credential: MailplusCredential, write: Write): WriteOutcome {
  const { input, mode, purge, byExternalId } = write;
  const requested = account.refusals.take(input.externalId);
  if (requested !== undefined) return refused(requested, 'Refused as was asked for');
  if (mode === 'update' && byExternalId === undefined) return refused('CONTACT_UNKNOWN', 'Contact not found');
  if (mode === 'insert' && byExternalId !== undefined) {
    return refused('CONTACT_ALREADY_EXISTS', `Contact ${input.externalId ?? ''} already exists`);
  }
  const patches = parseProperties(account.catalogue, input.properties);
  if ('problem' in patches) return refused('PROPERTY_INVALID', patches.problem);
  const rules = mode === 'subscribe' ? subscribeRules : account.options.mergeRules;
  const target = mode === 'update' ? byExternalId : findByRules(account, rules, byExternalId, patches);
  if (mode === 'insert' && target !== undefined && !account.options.insertMergesByEmail) {
    return refused('CONTACT_ALREADY_EXISTS', 'A contact with this address already exists');
  }
  return target === undefined
    ? create(account, credential, input, patches)
    : amend(account, credential, target, { input, patches, purge });
}

interface Amendment {
  readonly input: ContactInput;
  readonly patches: readonly PropertyPatch[];
  readonly purge: boolean;
}

const subscribeRules: readonly MergeRule[] = ['email', 'externalId'];

function findByRules(
  account: Account, rules: readonly MergeRule[], byExternalId: Contact | undefined, patches: readonly PropertyPatch[],
): Contact | undefined {
  const email = account.catalogue.emailOf(applyPatches(account.catalogue, {}, patches, true));
  for (const rule of rules) {
    const found = rule === 'externalId' ? byExternalId : account.contacts.byEmail(email ?? '')[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

function create(
  account: Account, credential: MailplusCredential, input: ContactInput, patches: readonly PropertyPatch[],
): WriteOutcome {
  const properties = applyPatches(account.catalogue, {}, patches, true);
  if (account.isBlacklisted(properties)) return refused('CONTACT_OPTOUT', 'The e-mail address is blacklisted');
  const nowMs = account.nowMs();
  const contact = account.contacts.create({
    properties, externalIds: input.externalId === undefined ? {} : { [credential.externalIdField]: input.externalId },
    testGroup: input.testGroup ?? false, createdMs: nowMs, lastChangedMs: nowMs,
  });
  account.totals.permissionFlips += countPermissionFlips(contact, {}, properties);
  return { kind: 'created', contact };
}

function amend(
  account: Account, credential: MailplusCredential, contact: Contact, { input, patches, purge }: Amendment,
): WriteOutcome {
  const before = contact.properties;
  const after = applyPatches(account.catalogue, before, patches, purge);
  const refusal = refusalOf(account, contact, after);
  if (refusal !== undefined) return refusal;
  const takesId = input.externalId !== undefined && contact.externalIds[credential.externalIdField] !== input.externalId;
  const takesTestGroup = input.testGroup !== undefined && input.testGroup !== contact.testGroup;
  if (after === before && !takesId && !takesTestGroup) {
    if (account.options.identicalWritesMoveLastChanged) account.contacts.touch(contact, account.nowMs());
    return { kind: 'identical', contact };
  }
  account.contacts.commit(contact, {
    properties: after,
    ...(takesId && { externalIds: { ...contact.externalIds, [credential.externalIdField]: input.externalId ?? '' } }),
    ...(input.testGroup !== undefined && { testGroup: input.testGroup }),
  }, account.nowMs());
  account.totals.permissionFlips += countPermissionFlips(contact, before, after);
  return { kind: 'changed', contact };
}

function refusalOf(account: Account, contact: Contact, after: Contact['properties']): WriteOutcome | undefined {
  if (account.refusesWrites(contact)) return refused('CONTACT_OPTOUT', 'The contact is inactive');
  const email = account.catalogue.emailOf(after);
  if (email === undefined || email === account.catalogue.emailOf(contact.properties)) return undefined;
  if (account.isBlacklisted(after)) return refused('CONTACT_OPTOUT', 'The e-mail address is blacklisted');
  if (!account.canTakeAddress(contact, after)) {
    return refused('PROPERTY_INVALID', 'Email is invalid: another contact has this address');
  }
  return undefined;
}

function count(account: Account, target: Contact | undefined, outcome: WriteOutcome): void {
  if (outcome.kind === 'refused') {
    account.totals.refusedUpserts += 1;
    if (target !== undefined) target.refusedUpserts += 1;
  } else if (outcome.kind === 'identical') {
    account.totals.identicalUpserts += 1;
    outcome.contact.identicalUpserts += 1;
  } else {
    account.totals.changingUpserts += 1;
    if (outcome.kind === 'created') account.totals.contactsCreated += 1;
    outcome.contact.changingUpserts += 1;
  }
}

function refused(code: RefusalCode, message: string): WriteOutcome {
  return { kind: 'refused', code, message };
}
