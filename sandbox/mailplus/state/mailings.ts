import type { Contact } from './contact.ts';
import { encryptedIdOf } from './encrypted-id.ts';
import { SortedBlocks } from './sorted-blocks.ts';

/** Channel of a mailing. */
export type MailingType = 'EMAIL' | 'SMS';

/** Names of the four feeds under `mailing-interaction`. */
export const interactionKinds = ['sent', 'opened', 'clicked', 'bounced'] as const;

/** One of the feeds under `mailing-interaction`. */
export type InteractionKind = (typeof interactionKinds)[number];

/** A link in a mailing. */
export interface MailingLink {
  readonly id: number;
  readonly name: string;
  readonly url: string;
}

/** A mailing that was sent. */
export interface Mailing {
  readonly encryptedId: string;
  readonly name: string;
  readonly subject: string;
  readonly type: MailingType;
  readonly startMs: number;
  readonly links: readonly MailingLink[];
  readonly trendReportId: number | undefined;
  /** Name of the list or selection it went to. */
  readonly targetGroup: string;
  sentCount: number;
}

/** One thing that happened to one contact in one mailing. `changedMs` is when the account came to know of it. */
export interface Interaction {
  readonly id: number;
  readonly kind: InteractionKind;
  readonly contact: Contact;
  readonly mailing: Mailing;
  readonly atMs: number;
  readonly changedMs: number;
  readonly bounceType?: 'HARD' | 'SOFT';
}

/** A bounced message, as `contact/bounces/list` shows it. */
export interface Bounce {
  readonly id: number;
  readonly contact: Contact;
  readonly atMs: number;
  readonly type: 'HARDBOUNCE' | 'SOFTBOUNCE';
  readonly mailing: Mailing | undefined;
}

/** A feed in both orders in which it can be asked for. */
interface Feed {
  readonly byDate: SortedBlocks<Interaction>;
  readonly byChange: SortedBlocks<Interaction>;
}

/** The account's mailings with everything that recipients did with them, and its bounces. */
export class Mailings {
  readonly #mailings = new Map<string, Mailing>();
  readonly #feeds: Readonly<Record<InteractionKind, Feed>> = { sent: feed(), opened: feed(), clicked: feed(), bounced: feed() };
  readonly bounces = new SortedBlocks<Bounce>((bounce) => bounce.atMs, (bounce) => bounce.id);
  #lastInteractionId = 0;

  add(mailing: Omit<Mailing, 'encryptedId' | 'sentCount'>): Mailing {
    const added = { ...mailing, encryptedId: encryptedIdOf('mailing', this.#mailings.size + 1), sentCount: 0 };
    this.#mailings.set(added.encryptedId, added);
    return added;
  }

  find(encryptedId: string): Mailing | undefined {
    return this.#mailings.get(encryptedId);
  }

  all(): Mailing[] {
    return [...this.#mailings.values()];
  }

  feed(kind: InteractionKind): Feed {
    return this.#feeds[kind];
  }

  record(interaction: Omit<Interaction, 'id'>): void {
    this.#lastInteractionId += 1;
    const recorded = { ...interaction, id: this.#lastInteractionId };
    this.#feeds[interaction.kind].byDate.add(recorded);
    this.#feeds[interaction.kind].byChange.add(recorded);
    if (interaction.kind === 'sent') interaction.mailing.sentCount += 1;
  }

  recordBounce(bounce: Omit<Bounce, 'id'>): void {
    this.bounces.add({ ...bounce, id: this.bounces.size + 1 });
  }
}

function feed(): Feed {
  return {
    byDate: new SortedBlocks((interaction) => interaction.atMs, (interaction) => interaction.id),
    byChange: new SortedBlocks((interaction) => interaction.changedMs, (interaction) => interaction.id),
  };
}
