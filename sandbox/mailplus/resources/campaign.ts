import { ApiError, invalidState } from '../http/api-error.ts';
import { noContent } from '../http/call.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import { noteContact } from '../journal/contact-notes.ts';
import { bitsOf, permissionsProperty } from '../state/apply-patches.ts';
import type { Campaign } from '../state/campaigns.ts';
import type { Contact } from '../state/contact.ts';
import { requireKnownContact } from './contact.ts';
import { requireKnownProducts } from './product.ts';
import { bodyObject } from './request-body.ts';
import { readStartFields } from './start-fields.ts';
import { requiredText } from './values.ts';

/** Campaigns of the older module: list, start and stop for one contact, and their messages (contract 3.12). */
export const campaignOperations: readonly Operation[] = [
  { method: 'GET', path: 'campaign/list', handle: (call) => ({ status: 200, body: call.account.campaigns.all().map(campaignView) }) },
  { method: 'POST', path: 'campaign/trigger/{encryptedTriggerId}', handle: triggerCampaign },
  { method: 'POST', path: 'campaign/{encryptedCampaignId}/stop', handle: stopCampaign },
  { method: 'GET', path: 'campaign/{encryptedCampaignId}/mailing', handle: listMailings },
];

function campaignView({ encryptedId, name, active, triggers }: Campaign): unknown {
  return { encryptedId, name, active, triggers };
}

function listMailings(call: Call): Reply {
  const mailings = requireCampaign(call).mailings.map(({ encryptedId, name, type }) => ({ encryptedId, name, type }));
  return { status: 200, body: mailings };
}

function triggerCampaign(call: Call): Reply {
  const { account } = call;
  const campaign = account.campaigns.ofTrigger(call.path['encryptedTriggerId'] ?? '');
  if (campaign === undefined) throw new ApiError(404, 'TRIGGER_NOTFOUND', 'Trigger not found');
  const body = bodyObject(call.body);
  const externalId = requiredText(body, 'externalContactId');
  const contact = requireKnownContact(call, externalId);
  const { fields, productIds } = readStartFields(body['campaignFields'], 'campaignFields');
  requireKnownProducts(call, productIds);
  requireStartable(call, campaign, contact);
  const { subscriptionId, startedMs } = account.campaigns.start(campaign, contact, account.nowMs());
  account.starts.record({
    kind: 'campaign', contact, target: campaign.encryptedId, atMs: startedMs, credential: call.credential.key,
    detail: { name: campaign.name, trigger: call.path['encryptedTriggerId'], campaignSubscriptionId: subscriptionId, fields },
  });
  return done(call, externalId, 'campaign started');
}

function requireStartable(call: Call, campaign: Campaign, contact: Contact): void {
  if (!campaign.active) throw invalidState('Campaign is not active');
  if (campaign.mailings.length === 0) throw invalidState('Campaign has no message');
  const { selectionBit, repeat } = campaign;
  const hasBit = selectionBit === undefined || bitsOf(contact.properties[permissionsProperty]).includes(selectionBit);
  if (contact.inactive !== undefined || !hasBit) throw invalidState('Contact is not in the selection of the campaign');
  const latest = call.account.campaigns.latest(campaign, contact);
  if (latest === undefined || repeat === 'always') return;
  if (latest.state === 'active') throw invalidState('Contact is active in the campaign');
  if (repeat === 'never') throw invalidState('Contact is already in the campaign');
}

function stopCampaign(call: Call): Reply {
  const { account } = call;
  const campaign = requireCampaign(call);
  const externalId = requiredText(bodyObject(call.body), 'externalContactId');
  const contact = requireKnownContact(call, externalId);
  const latest = account.campaigns.latest(campaign, contact);
  if (latest === undefined) throw invalidState('Campaign was not triggered for this contact');
  if (latest.state !== 'active') throw invalidState('Campaign is already finished for this contact');
  latest.state = 'stopped';
  account.starts.record({
    kind: 'campaignStop', contact, target: campaign.encryptedId, atMs: account.nowMs(), credential: call.credential.key,
    detail: { name: campaign.name, campaignSubscriptionId: latest.subscriptionId },
  });
  return done(call, externalId, 'campaign stopped');
}

function requireCampaign(call: Call): Campaign {
  const campaign = call.account.campaigns.find(call.path['encryptedCampaignId'] ?? '');
  if (campaign === undefined) throw new ApiError(404, 'CAMPAIGN_NOTFOUND', 'Campaign not found');
  return campaign;
}

function done(call: Call, externalId: string, outcome: string): Reply {
  call.notes.changed = true;
  call.notes.contacts.push(noteContact(externalId, outcome));
  return noContent;
}
