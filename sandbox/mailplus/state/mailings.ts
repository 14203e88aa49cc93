import { Activities, bounceDetail } from './activity-log.ts';
import type { Activity, InteractionKind } from './activity-log.ts';
import type { Contact } from './contact.ts';
import { encryptedIdOf } from './encrypted-id.ts';
import { SortedBlocks } from './sorted-blocks.ts';

/** Channel of a mailing. */
export type MailingType = 'EMAIL' | 'SMS';

/** A link in a mailing. */
export interface MailingLink {
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly code?: string | undefined;
  readonly type?: string | undefined;
}

/** What a mailing starts with. */
export interface NewMailing {
  readonly name: string;
  readonly subject: string;
  readonly type: MailingType;
  readonly startMs: number;
  readonly links: readonly MailingLink[];
  readonly trendReportId: number | undefined;
  /** Name of the list or selection it went to. */
  readonly targetGroup: string;
}

/** A mailing that was sent, with the counts that its activities do not tell. */
export interface Mailing extends NewMailing {
  readonly number: number;
  readonly encryptedId: string;
  sentCount: number;
  unsubscribeCount: number;
  /** Contacts that a bounce of this mailing made inactive. */
  notRetainedCount: number;
  cartsCreatedCount: number;
  cartsConvertedCount: number;
  conversionCents: number;
}

/** A bounced message, as `contact/bounces/list` shows it. */
export interface Bounce {
  readonly id: number;
  readonly contact: Contact;
  readonly atMs: number;
  readonly type: 'HARDBOUNCE' | 'SOFTBOUNCE';
  readonly mailing: Mailing | undefined;
}

/** The account's mailings with everything that recipients did with them, and its bounces. */
export class Mailings {
  readonly #mailings: Mailing[] = [];
  readonly #byEncryptedId = new Map<string, Mailing>();
  readonly activities = new Activities();
  readonly bounces = new SortedBlocks<Bounce>((bounce) => bounce.atMs, (bounce) => bounce.id);

  add(mailing: NewMailing): Mailing {
    const number = this.#mailings.length + 1;
    const added = {
      ...mailing, number, encryptedId: encryptedIdOf('mailing', number), sentCount: 0, unsubscribeCount: 0, notRetainedCount: 0,
      cartsCreatedCount: 0, cartsConvertedCount: 0, conversionCents: 0,
    };
    this.#mailings.push(added);
    this.#byEncryptedId.set(added.encryptedId, added);
    return added;
  }

  find(encryptedId: string): Mailing | undefined {
    return this.#byEncryptedId.get(encryptedId);
  }

  byNumber(number: number): Mailing | undefined {
    return this.#mailings[number - 1];
  }

  all(): readonly Mailing[] {
    return this.#mailings;
  }

  record(kind: InteractionKind, mailing: Mailing, activity: Omit<Activity, 'mailing' | 'detail'>, detail = 0): void {
    this.activities.record(kind, { ...activity, mailing: mailing.number, detail });
    if (kind === 'sent') mailing.sentCount += 1;
    if (kind === 'bounced' && detail === bounceDetail.HARD) mailing.notRetainedCount += 1;
  }

  recordBounce(bounce: Omit<Bounce, 'id'>): void {
    this.bounces.add({ ...bounce, id: this.bounces.size + 1 });
  }
}
