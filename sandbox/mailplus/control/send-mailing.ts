import { seededRandom } from '../random.ts';
import type { Account } from '../state/account.ts';
import { bitsOf, permissionsProperty } from '../state/apply-patches.ts';
import type { Contact } from '../state/contact.ts';
import type { Mailing, MailingType } from '../state/mailings.ts';
import { ControlError } from './control-error.ts';
import { interactionSchema, mailingSchema } from './schemas.ts';
import type { MailingInteractionSpec, MailingSpec, Recipients, Share } from './schemas.ts';
import { selectContact, selectContacts } from './selector.ts';

/** What a mailing came to. */
export interface SentMailing {
  readonly encryptedId: string;
  readonly sent: number;
  readonly opened: number;
  readonly clicked: number;
  readonly bounced: number;
}

/**
 * Sends a mailing and plays what its recipients do. Recipients are the named contacts, or all active ones with a
 * permission bit and an address for the channel. Shares by `ratio` or `count` are drawn, repeatably by `seed`, from
 * those that did not bounce.
 */
export function sendMailing(account: Account, spec: MailingSpec): SentMailing {
  const parsed = mailingSchema.parse(spec);
  const sentMs = parsed.sentAt ?? account.nowMs();
  const recipients = recipientsOf(account, parsed.recipients, parsed.type);
  const mailing = account.mailings.add({
    name: parsed.name, subject: parsed.subject ?? parsed.name, type: parsed.type, startMs: sentMs,
    links: parsed.links, trendReportId: parsed.trendReportId, targetGroup: parsed.recipients.list ?? 'Selection',
  });
  const changedMs = parsed.changedAt ?? account.nowMs();
  const random = seededRandom(parsed.seed);
  const record = (kind: 'sent' | 'opened' | 'clicked', contacts: readonly Contact[], atMs: number): void => {
    for (const contact of contacts) account.mailings.record({ kind, contact, mailing, atMs, changedMs });
  };
  record('sent', recipients, sentMs);
  const bounced = drawShare(account, parsed.bounced, recipients, random);
  const type = parsed.bounced?.type ?? 'HARD';
  for (const contact of bounced) bounce(account, mailing, contact, { type, atMs: parsed.bounced?.at ?? sentMs, changedMs });
  const notArrived = new Set(bounced);
  const arrived = recipients.filter((contact) => !notArrived.has(contact));
  for (const contact of arrived) contact.softBouncesInARow = 0;
  const opened = drawShare(account, parsed.opened, arrived, random);
  record('opened', opened, parsed.opened?.at ?? sentMs);
  const clicked = drawShare(account, parsed.clicked, arrived, random);
  record('clicked', clicked, parsed.clicked?.at ?? sentMs);
  return {
    encryptedId: mailing.encryptedId,
    sent: recipients.length, opened: opened.length, clicked: clicked.length, bounced: bounced.length,
  };
}

/** Adds one interaction to a mailing that was sent. */
export function recordInteraction(account: Account, encryptedMailingId: string, spec: MailingInteractionSpec): void {
  const { contact, kind, at, changedAt } = interactionSchema.parse(spec);
  const mailing = account.mailings.find(encryptedMailingId);
  if (mailing === undefined) throw new ControlError(404, 'No such mailing');
  const atMs = at ?? account.nowMs();
  account.mailings.record({ kind, contact: selectContact(account, contact), mailing, atMs, changedMs: changedAt ?? atMs });
}

interface BouncePlay {
  readonly type: 'HARD' | 'SOFT';
  readonly atMs: number;
  readonly changedMs: number;
}

function bounce(account: Account, mailing: Mailing, contact: Contact, { type, atMs, changedMs }: BouncePlay): void {
  const bounceType = type === 'HARD' ? 'HARDBOUNCE' : 'SOFTBOUNCE';
  account.mailings.record({ kind: 'bounced', contact, mailing, atMs, changedMs, bounceType: type });
  account.mailings.recordBounce({ contact, atMs, type: bounceType, mailing });
  account.applyBounce(contact, bounceType, changedMs);
}

function recipientsOf(
  account: Account, { emails, externalIds, bit, list }: Recipients, type: MailingType,
): Contact[] {
  const named = selectContacts(account, emails ?? [], externalIds ?? []);
  if (list !== undefined) return [...new Set([...named, ...membersOf(account, list, bit, type)])];
  if (bit === undefined) return named;
  const withBit = [...account.contacts.all()].filter((contact) => contact.inactive === undefined
    && bitsOf(contact.properties[permissionsProperty]).includes(bit) && canReceive(account, contact, type));
  return [...new Set([...named, ...withBit])];
}

function membersOf(account: Account, name: string, bit: number | undefined, type: MailingType): Contact[] {
  const list = account.lists.all().find((one) => one.name === name);
  if (list === undefined) throw new ControlError(404, 'No such list');
  return [...list.members].filter((contact) => contact.inactive === undefined && canReceive(account, contact, type)
    && (bit === undefined || bitsOf(contact.properties[permissionsProperty]).includes(bit)));
}

function canReceive(account: Account, contact: Contact, type: MailingType): boolean {
  return type === 'SMS'
    ? account.catalogue.hasMobileNumber(contact.properties)
    : account.catalogue.emailOf(contact.properties) !== undefined;
}

function drawShare(
  account: Account, share: Share | undefined, from: readonly Contact[], random: () => number,
): Contact[] {
  if (share === undefined) return [];
  const named = selectContacts(account, share.emails ?? [], share.externalIds ?? []);
  if (share.ratio !== undefined) return [...new Set([...named, ...from.filter(() => random() < (share.ratio ?? 0))])];
  if (share.count === undefined) return named;
  const shuffled = from.map((contact) => ({ contact, order: random() }))
    .toSorted((left, right) => left.order - right.order);
  return [...new Set([...named, ...shuffled.slice(0, share.count).map(({ contact }) => contact)])];
}
