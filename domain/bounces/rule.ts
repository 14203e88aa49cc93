/**
 * Soft bounces in a row that open a case. A hard bounce says that the address is wrong (seed 001) and opens one by itself; a soft one says
 * that the mail did not get through this time. Mail+ gives a contact up after a hard one or after four soft ones in a row
 * (`notRetainedAfterBounceCount`), and so does the hub.
 */
const softInARow = 4;

/** Clocks of two feeds may differ, and one of them gives whole seconds: a mail counts as sent this much before it says so. */
const feedSlackMs = 60_000;
/** Mail servers give up after four to five days (RFC 5321 §4.5.4.1): a bounce later than this is of another sending of the same mailing. */
const longestWayMs = 7 * 86_400_000;

/** What a feed said about one e-mail to one contact. */
export interface MailFact {
  /** Unique at the connector that reports it. */
  readonly id: string;
  readonly kind: 'sent' | 'opened' | 'clicked' | 'bounced';
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** Null for a mail outside mailings. */
  readonly mailingId: string | null;
  readonly bounce?: 'hard' | 'soft';
}

/** Whether mail gets through to an address. */
export type Reach =
  | { readonly state: 'bouncing'; readonly kind: 'hard' | 'soft'; /** The bounce that decided it. */ readonly cause: MailFact; /** Since mail last got through. */ readonly bounces: number; /** Of the newest of them. */ readonly lastAt: string }
  /** `arrivedAt` is when the newest mail that was opened or clicked was sent, as far as it is known; null when none was. */
  | { readonly state: 'reachable'; readonly arrivedAt: string | null };

/** What is not to be judged any more. */
export interface ReachSince {
  /** When the address last changed: mail that was sent before went to another one. Null: never. */
  readonly address: string | null;
  /** Bounces up to here belong to a case that is resolved. Null: there is none. */
  readonly resolved: string | null;
}

/** One e-mail: sent, and what became of it. */
interface Mail {
  readonly sentMs: number;
  bounce: MailFact | undefined;
  arrived: boolean;
}

/**
 * Judges an address by what is known of the mails to it, in whatever order it came to be known. A mail is placed where it was sent: an
 * open of an old mail does not undo a later bounce. An open or a click shows that mail gets through; a mail of which nothing is heard
 * only ends a row of soft bounces, because Mail+ tells of no deliveries. Pure.
 */
export function judgeReach(facts: readonly MailFact[], since: ReachSince): Reach {
  let arrivedAt: string | null = null;
  let bounces: MailFact[] = [];
  let row = 0;
  let decided: { readonly kind: 'hard' | 'soft'; readonly cause: MailFact } | undefined;
  for (const mail of mailsOf(facts).filter((one) => counts(one, since))) {
    if (mail.bounce === undefined) {
      row = 0;
      if (mail.arrived) decided = undefined;
      if (mail.arrived) arrivedAt = new Date(mail.sentMs).toISOString();
      if (decided === undefined) bounces = [];
      continue;
    }
    bounces.push(mail.bounce);
    row += 1;
    if (mail.bounce.bounce === 'hard') decided ??= { kind: 'hard', cause: mail.bounce };
    else if (row >= softInARow) decided ??= { kind: 'soft', cause: mail.bounce };
  }
  return decided === undefined ? { state: 'reachable', arrivedAt } : { state: 'bouncing', ...decided, bounces: bounces.length, lastAt: bounces.map(({ at }) => at).reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b)) };
}

/** Feeds that cut off fractions of seconds place a mail up to a second early. */
function counts(mail: Mail, { address, resolved }: ReachSince): boolean {
  if (address !== null && mail.sentMs + 1_000 <= Date.parse(address)) return false;
  return resolved === null || mail.bounce === undefined || Date.parse(mail.bounce.at) > Date.parse(resolved);
}

/** Mails in the order in which they were sent. One whose sending was not seen stands where it was first heard of. */
function mailsOf(facts: readonly MailFact[]): Mail[] {
  const latest = new Map<string, Mail>();
  const mails: Mail[] = [];
  for (const fact of inOrder(facts)) {
    const known = fact.mailingId === null ? undefined : latest.get(fact.mailingId);
    const mail = known !== undefined && belongsTo(known, fact) ? known : { sentMs: Date.parse(fact.at), bounce: undefined, arrived: false };
    if (mail !== known) mails.push(mail);
    if (fact.mailingId !== null) latest.set(fact.mailingId, mail);
    note(mail, fact);
  }
  return mails;
}

/** A mailing may go to one contact several times, as those of campaigns do. */
function belongsTo(mail: Mail, { kind, at }: MailFact): boolean {
  return kind !== 'sent' && !(kind === 'bounced' && Date.parse(at) - mail.sentMs > longestWayMs);
}

function inOrder(facts: readonly MailFact[]): MailFact[] {
  const place = ({ kind, at }: MailFact) => Date.parse(at) - (kind === 'sent' ? feedSlackMs : 0);
  return facts.toSorted((a, b) => place(a) - place(b) || (a.id < b.id ? -1 : 1));
}

/** A hard bounce stands whatever else is heard of the mail; a soft one falls when the mail is opened after all. */
function note(mail: Mail, fact: MailFact): void {
  if (fact.kind === 'bounced') {
    if (fact.bounce === 'hard' ? mail.bounce?.bounce !== 'hard' : mail.bounce === undefined && !mail.arrived) mail.bounce = fact;
  } else if (fact.kind !== 'sent') {
    mail.arrived = true;
    if (mail.bounce?.bounce === 'soft') mail.bounce = undefined;
  }
}
