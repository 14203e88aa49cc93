import { seededRandom } from '../random.ts';
import type { Account } from '../state/account.ts';
import { bounceDetail } from '../state/activity-log.ts';
import type { Activity, InteractionKind } from '../state/activity-log.ts';
import type { Mailing, MailingLink } from '../state/mailings.ts';
import { chooseRecipients, recipientFinder } from './choose-recipients.ts';
import { ControlError } from './control-error.ts';
import { drawShare } from './draw-share.ts';
import { interactionSchema, mailingSchema } from './mailing-schemas.ts';
import type { MailingInteractionSpec, MailingSpec, Shares } from './mailing-schemas.ts';
import { switchPermission } from './people.ts';
import { selectContact } from './selector.ts';

/** What a mailing came to. */
export interface SentMailing {
  readonly encryptedId: string;
  readonly sent: number;
  readonly opened: number;
  readonly clicked: number;
  readonly bounced: number;
}

/** Who did something, and when. */
type Deed = Pick<Activity, 'who' | 'atMs' | 'changedMs'>;

/** Where what recipients do is written down. */
export interface Stage {
  record(kind: InteractionKind, deed: Deed, detail?: number): void;
  /** A message to this recipient bounced. */
  bounce(deed: Deed, type: 'HARD' | 'SOFT'): void;
  readonly find: ReturnType<typeof recipientFinder>;
  readonly links: readonly MailingLink[];
}

/**
 * Sends a mailing and plays what its recipients do. Recipients are named, generated, or all active contacts with a
 * permission bit and an address for the channel. Shares by `ratio` or `count` are drawn, repeatably by `seed`, from
 * those that did not bounce. Holds 4 bytes per recipient while it works.
 */
export function sendMailing(account: Account, spec: MailingSpec): SentMailing {
  const parsed = mailingSchema.parse(spec);
  const sentMs = parsed.sentAt ?? account.nowMs();
  const recipients = chooseRecipients(account, parsed.recipients, parsed.type);
  const mailing = account.mailings.add({
    name: parsed.name, subject: parsed.subject ?? parsed.name, type: parsed.type, startMs: sentMs,
    links: parsed.links, trendReportId: parsed.trendReportId, targetGroup: parsed.recipients.list ?? 'Selection',
  });
  const played = play(stageOf(account, mailing), recipients, parsed, { sentMs, changedMs: parsed.changedAt ?? account.nowMs() });
  for (const who of played.arrived) resetSoftBounces(account, who);
  unsubscribe(account, mailing, played.arrived, parsed);
  const { sent, opened, clicked, bounced } = played;
  return { encryptedId: mailing.encryptedId, sent, opened, clicked, bounced };
}

interface Played extends Omit<SentMailing, 'encryptedId'> {
  readonly arrived: Uint32Array;
}

/** Writes down that a message was sent and what its recipients did with it. */
export function play(
  stage: Stage, recipients: Uint32Array, shares: Shares, { sentMs, changedMs }: { readonly sentMs: number; readonly changedMs: number },
): Played {
  const random = seededRandom(shares.seed);
  for (const who of recipients) stage.record('sent', { who, atMs: sentMs, changedMs });
  const bounced = drawShare(shares.bounced, recipients, stage.find, random);
  for (const who of bounced) stage.bounce({ who, atMs: shares.bounced?.at ?? sentMs, changedMs }, shares.bounced?.type ?? 'HARD');
  const notArrived = new Set(bounced);
  const arrived = recipients.filter((who) => !notArrived.has(who));
  const opened = drawShare(shares.opened, arrived, stage.find, random);
  for (const who of opened) stage.record('opened', { who, atMs: shares.opened?.at ?? sentMs, changedMs });
  const clicked = drawShare(shares.clicked, arrived, stage.find, random);
  for (const who of clicked) {
    const link = stage.links[Math.floor(random() * stage.links.length)];
    stage.record('clicked', { who, atMs: shares.clicked?.at ?? sentMs, changedMs }, link?.id ?? 0);
  }
  return { sent: recipients.length, opened: opened.length, clicked: clicked.length, bounced: bounced.length, arrived };
}

/** Adds one interaction to a mailing that was sent. */
export function recordInteraction(account: Account, encryptedMailingId: string, spec: MailingInteractionSpec): void {
  const { contact, kind, at, changedAt, linkId } = interactionSchema.parse(spec);
  const mailing = account.mailings.find(encryptedMailingId);
  if (mailing === undefined) throw new ControlError(404, 'No such mailing');
  const atMs = at ?? account.nowMs();
  const who = selectContact(account, contact).id;
  const detail = kind === 'clicked' ? linkId ?? mailing.links[0]?.id ?? 0 : 0;
  account.mailings.record(kind, mailing, { who, atMs, changedMs: changedAt ?? atMs }, detail);
}

function stageOf(account: Account, mailing: Mailing): Stage {
  const { mailings } = account;
  return {
    links: mailing.links,
    find: recipientFinder(account),
    record: (kind, deed, detail) => mailings.record(kind, mailing, deed, detail),
    bounce: (deed, type) => {
      mailings.record('bounced', mailing, deed, bounceDetail[type]);
      const contact = account.recipients.contactOf(deed.who);
      if (contact === undefined) return;
      const bounceType = type === 'HARD' ? 'HARDBOUNCE' : 'SOFTBOUNCE';
      mailings.recordBounce({ contact, atMs: deed.atMs, type: bounceType, mailing });
      if (account.applyBounce(contact, bounceType, deed.changedMs)) mailing.notRetainedCount += 1;
    },
  };
}

function resetSoftBounces(account: Account, who: number): void {
  const contact = account.recipients.contactOf(who);
  if (contact !== undefined) contact.softBouncesInARow = 0;
}

function unsubscribe(account: Account, { encryptedId: encryptedMailingId }: Mailing, arrived: Uint32Array, { unsubscribed, seed }: Shares): void {
  if (unsubscribed === undefined) return;
  const contacts = drawShare(unsubscribed, arrived, recipientFinder(account), seededRandom(seed + 1));
  for (const who of contacts) {
    const encryptedId = account.recipients.contactOf(who)?.encryptedId;
    if (encryptedId === undefined) continue;
    switchPermission(account, { contact: { encryptedId }, bit: unsubscribed.bit, encryptedMailingId, at: unsubscribed.at ?? account.nowMs() }, false);
  }
}
