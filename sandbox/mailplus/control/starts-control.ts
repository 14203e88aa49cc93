import type { Sandbox } from '../sandbox.ts';
import type { Automation } from '../state/automations.ts';
import type { Campaign } from '../state/campaigns.ts';
import type { Start } from '../state/started.ts';
import { ControlError } from './control-error.ts';
import { selectContact } from './selector.ts';
import type { ContactSelector } from './schemas.ts';
import { automationSchema, campaignSchema, startFilterSchema } from './starts-schemas.ts';
import type { AutomationSpec, CampaignSpec, StartFilter } from './starts-schemas.ts';

/** One thing that the API set off, with its contact. */
export interface StartDump {
  readonly sequence: number;
  readonly kind: Start['kind'];
  readonly target: string;
  readonly at: string;
  readonly credential: string;
  readonly externalIds: Readonly<Record<string, string>>;
  readonly email: string | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** How often one contact had one target set off. */
export interface StartCount extends Pick<StartDump, 'kind' | 'target' | 'externalIds' | 'email'> {
  readonly count: number;
}

/** Counts of what the API set off. */
export interface StartCounts {
  readonly total: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** One for each kind, target and contact. */
  readonly perContact: readonly StartCount[];
  /** Those of `perContact` with a count above one. */
  readonly repeated: readonly StartCount[];
}

/** Campaigns and automations of the account, and what the API set off. */
export class StartsControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  addCampaign(spec: CampaignSpec): Campaign {
    const { mailings, selectionBit, ...parsed } = campaignSchema.parse(spec);
    const messages = mailings.map((mailing) => ({ ...mailing, subject: mailing.subject ?? mailing.name }));
    return this.#sandbox.account.campaigns.add({ ...parsed, selectionBit, mailings: messages });
  }

  setCampaignActive(encryptedId: string, active: boolean): void {
    const campaign = this.#sandbox.account.campaigns.find(encryptedId);
    if (campaign === undefined) throw new ControlError(404, 'No such campaign');
    campaign.active = active;
  }

  /** The contact's run of the campaign comes to its end. */
  finishCampaign(encryptedId: string, contact: ContactSelector): void {
    const { account } = this.#sandbox;
    const campaign = account.campaigns.find(encryptedId);
    const latest = campaign && account.campaigns.latest(campaign, selectContact(account, contact));
    if (latest?.state !== 'active') throw new ControlError(404, 'The contact is not active in such a campaign');
    latest.state = 'finished';
  }

  addAutomation(spec: AutomationSpec): Automation {
    const { triggerCodes, participationLimit, ...parsed } = automationSchema.parse(spec);
    return this.#sandbox.account.automations.add({ ...parsed, triggerCodes, participationLimit });
  }

  setAutomationActive(automationId: string, active: boolean): void {
    const automation = this.#sandbox.account.automations.find(automationId);
    if (automation === undefined) throw new ControlError(404, 'No such automation');
    automation.active = active;
  }

  /** What the API set off, oldest first. */
  started(filter: StartFilter = {}): StartDump[] {
    return this.#selected(filter).map((start) => this.#dump(start));
  }

  /** The same, counted. */
  counts(filter: StartFilter = {}): StartCounts {
    const counts = new Map<string, StartCount & { count: number }>();
    const byKind: Record<string, number> = {};
    const starts = this.#selected(filter);
    for (const start of starts) {
      const { kind, target, externalIds, email } = this.#dump(start);
      byKind[kind] = (byKind[kind] ?? 0) + 1;
      const key = `${kind} ${target} ${start.contact?.id ?? ''}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { kind, target, externalIds, email, count: 1 });
      else known.count += 1;
    }
    const perContact = [...counts.values()];
    return { total: starts.length, byKind, perContact, repeated: perContact.filter(({ count }) => count > 1) };
  }

  #selected(filter: StartFilter): readonly Start[] {
    const { kind, target, email, externalId, externalIdField } = startFilterSchema.parse(filter);
    const { account } = this.#sandbox;
    const contact = email !== undefined
      ? selectContact(account, { email })
      : externalId === undefined ? undefined : selectContact(account, { externalId, ...(externalIdField !== undefined && { externalIdField }) });
    return account.starts.all().filter((start) => (kind === undefined || start.kind === kind)
      && (target === undefined || start.target === target) && (contact === undefined || start.contact === contact));
  }

  #dump({ contact, atMs, ...rest }: Start): StartDump {
    const email = contact && this.#sandbox.account.catalogue.emailOf(contact.properties);
    return { ...rest, at: new Date(atMs).toISOString(), externalIds: contact?.externalIds ?? {}, email };
  }
}
