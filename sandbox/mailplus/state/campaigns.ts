import type { Contact } from './contact.ts';
import { encryptedIdOf } from './encrypted-id.ts';
import type { MailingLink, MailingType } from './mailings.ts';

/** An external trigger of a campaign. */
export interface CampaignTrigger {
  readonly encryptedId: string;
  readonly name: string;
}

/** A message that a campaign sends. */
export interface CampaignMailing {
  readonly encryptedId: string;
  readonly name: string;
  readonly subject: string;
  readonly type: MailingType;
  readonly links: readonly MailingLink[];
}

/** Whether a contact that was in the campaign can start it again. */
export type CampaignRepeat = 'never' | 'whenFinished' | 'always';

/** What a campaign of the older module is made of. */
export interface CampaignSetup {
  readonly name: string;
  readonly active: boolean;
  readonly triggers: readonly string[];
  readonly mailings: readonly Omit<CampaignMailing, 'encryptedId'>[];
  readonly repeat: CampaignRepeat;
  /** Only contacts with this permission are in its selection; all active ones when absent. */
  readonly selectionBit: number | undefined;
}

/** A campaign of the account. */
export interface Campaign {
  readonly encryptedId: string;
  readonly name: string;
  active: boolean;
  readonly triggers: readonly CampaignTrigger[];
  readonly mailings: readonly CampaignMailing[];
  readonly repeat: CampaignRepeat;
  readonly selectionBit: number | undefined;
}

/** One run of a campaign for one contact. */
export interface Participation {
  /** `campaignSubscriptionId` of the vendor, from 1. */
  readonly subscriptionId: number;
  readonly campaign: Campaign;
  readonly contact: Contact;
  readonly startedMs: number;
  state: 'active' | 'finished' | 'stopped';
}

/** The account's campaigns and who is or was in them. */
export class Campaigns {
  readonly #campaigns = new Map<string, Campaign>();
  readonly #byTrigger = new Map<string, Campaign>();
  readonly #mailings: CampaignMailing[] = [];
  readonly #participations: Participation[] = [];
  readonly #latest = new Map<Campaign, Map<Contact, Participation>>();

  add(setup: CampaignSetup): Campaign {
    const { triggers, mailings, ...rest } = setup;
    const campaign = {
      ...rest, encryptedId: encryptedIdOf('campaign', this.#campaigns.size + 1),
      triggers: triggers.map((name, index) => ({ name, encryptedId: encryptedIdOf('campaignTrigger', this.#byTrigger.size + index + 1) })),
      mailings: mailings.map((mailing, index) => ({
        ...mailing, encryptedId: encryptedIdOf('campaignMailing', this.#mailings.length + index + 1),
      })),
    };
    this.#campaigns.set(campaign.encryptedId, campaign);
    for (const trigger of campaign.triggers) this.#byTrigger.set(trigger.encryptedId, campaign);
    this.#mailings.push(...campaign.mailings);
    return campaign;
  }

  all(): Campaign[] {
    return [...this.#campaigns.values()];
  }

  find(encryptedId: string): Campaign | undefined {
    return this.#campaigns.get(encryptedId);
  }

  ofTrigger(encryptedTriggerId: string): Campaign | undefined {
    return this.#byTrigger.get(encryptedTriggerId);
  }

  /** The messages of all campaigns; a message's place in this list is its number. */
  get mailings(): readonly CampaignMailing[] {
    return this.#mailings;
  }

  start(campaign: Campaign, contact: Contact, atMs: number): Participation {
    const participation: Participation = {
      subscriptionId: this.#participations.length + 1, campaign, contact, startedMs: atMs, state: 'active',
    };
    this.#participations.push(participation);
    const latest = this.#latest.get(campaign) ?? new Map<Contact, Participation>();
    this.#latest.set(campaign, latest.set(contact, participation));
    return participation;
  }

  participation(subscriptionId: number): Participation | undefined {
    return this.#participations[subscriptionId - 1];
  }

  participations(): readonly Participation[] {
    return this.#participations;
  }

  /** The contact's last run of this campaign. */
  latest(campaign: Campaign, contact: Contact): Participation | undefined {
    return this.#latest.get(campaign)?.get(contact);
  }
}
