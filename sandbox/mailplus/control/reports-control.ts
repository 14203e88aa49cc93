import type { Sandbox } from '../sandbox.ts';
import type { Account } from '../state/account.ts';
import { bounceDetail } from '../state/activity-log.ts';
import type { Participation } from '../state/campaigns.ts';
import type { MailingLink } from '../state/mailings.ts';
import { writeMailplusId } from '../state/mpid.ts';
import type { TrendReport } from '../state/trend-reports.ts';
import { ControlError } from './control-error.ts';
import { campaignSendSchema, interactionSchema, mpidSchema, trendReportSchema } from './mailing-schemas.ts';
import type { CampaignSendSpec, MailingInteractionSpec, MpidSpec, TrendReportSpec } from './mailing-schemas.ts';
import { selectContact } from './selector.ts';
import type { ContactSelector } from './schemas.ts';
import { play } from './send-mailing.ts';
import type { SentMailing, Stage } from './send-mailing.ts';

/** Messages of campaigns, trend reports, and links to the shop. */
export class ReportsControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** A message of a campaign goes out to everybody who is active in it, or to one of them, with all that they do. */
  sendCampaignMailing(encryptedId: string, spec: CampaignSendSpec = {}): SentMailing {
    const { account } = this.#sandbox;
    const { contact, sentAt, changedAt, ...shares } = campaignSendSchema.parse(spec);
    const message = messageOf(account, encryptedId);
    const active = account.campaigns.participations().filter((participation) => participation.state === 'active'
      && participation.campaign.mailings.some((mailing) => mailing.encryptedId === encryptedId));
    const meant = contact === undefined ? active : [latestIn(account, encryptedId, contact)];
    const sentMs = sentAt ?? account.nowMs();
    const recipients = Uint32Array.from(meant.map(({ subscriptionId }) => subscriptionId));
    const played = play(stageOf(account, encryptedId, message.number, message.links), recipients, shares, { sentMs, changedMs: changedAt ?? sentMs });
    return { encryptedId, sent: played.sent, opened: played.opened, clicked: played.clicked, bounced: played.bounced };
  }

  /** One more thing that a participant did with a message of a campaign. */
  recordCampaignInteraction(encryptedId: string, spec: MailingInteractionSpec): void {
    const { account } = this.#sandbox;
    const { contact, kind, at, changedAt, linkId } = interactionSchema.parse(spec);
    const { number, links } = messageOf(account, encryptedId);
    const { subscriptionId } = latestIn(account, encryptedId, contact);
    const atMs = at ?? account.nowMs();
    const detail = kind === 'clicked' ? linkId ?? links[0]?.id ?? 0 : 0;
    account.campaignActivities.record(kind, { mailing: number, who: subscriptionId, atMs, changedMs: changedAt ?? atMs, detail });
  }

  /** The `mpid` that a contact carries to the shop by a link of a mailing, or of a message of a campaign. */
  mpid(encryptedId: string, spec: MpidSpec): string {
    const { account } = this.#sandbox;
    const { contact, linkId } = mpidSchema.parse(spec);
    const mailing = account.mailings.find(encryptedId);
    const { number, links } = mailing ?? messageOf(account, encryptedId);
    const who = mailing === undefined ? latestIn(account, encryptedId, contact).subscriptionId : selectContact(account, contact).id;
    return writeMailplusId({ kind: mailing === undefined ? 'campaignMailing' : 'mailing', mailing: number, who, linkId: linkId ?? links[0]?.id ?? 0 });
  }

  addTrendReport(spec: TrendReportSpec): TrendReport {
    const { account } = this.#sandbox;
    const { id, ...setup } = trendReportSchema.parse(spec);
    const report = account.trendReports.add(setup, account.nowMs(), id);
    if (report === undefined) throw new ControlError(400, 'The id is in use');
    return report;
  }
}

function messageOf(account: Account, encryptedId: string): { readonly number: number; readonly links: readonly MailingLink[] } {
  const number = account.campaigns.mailings.findIndex((mailing) => mailing.encryptedId === encryptedId);
  const links = account.campaigns.mailings[number]?.links;
  if (links === undefined) throw new ControlError(404, 'No such mailing');
  return { number, links };
}

/** The contact's last run of the campaign that this message belongs to. */
function latestIn(account: Account, encryptedId: string, selector: ContactSelector): Participation {
  const campaign = account.campaigns.all().find(({ mailings }) => mailings.some((mailing) => mailing.encryptedId === encryptedId));
  const latest = campaign && account.campaigns.latest(campaign, selectContact(account, selector));
  if (latest === undefined) throw new ControlError(404, 'The contact is not in the campaign');
  return latest;
}

function stageOf(account: Account, encryptedId: string, mailing: number, links: readonly MailingLink[]): Stage {
  const { campaignActivities } = account;
  return {
    links,
    find: ({ emails, externalIds }) => [
      ...(emails ?? []).map((email) => latestIn(account, encryptedId, { email }).subscriptionId),
      ...(externalIds ?? []).map((externalId) => latestIn(account, encryptedId, { externalId }).subscriptionId),
    ],
    record: (kind, deed, detail = 0) => campaignActivities.record(kind, { ...deed, mailing, detail }),
    bounce: (deed, type) => {
      campaignActivities.record('bounced', { ...deed, mailing, detail: bounceDetail[type] });
      const contact = account.campaigns.participation(deed.who)?.contact;
      const bounceType = type === 'HARD' ? 'HARDBOUNCE' : 'SOFTBOUNCE';
      if (contact === undefined) return;
      account.mailings.recordBounce({ contact, atMs: deed.atMs, type: bounceType, mailing: undefined });
      account.applyBounce(contact, bounceType, deed.changedMs);
    },
  };
}
