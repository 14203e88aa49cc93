import { z } from 'zod';
import { operation } from './define.ts';
import { sentId, sentIds, sentText } from './input.ts';
import { flag, list, neededId, nothing, text } from './wire.ts';

const encryptedCampaignId = sentId;

/** A field that a campaign or an automation is given: a text, an address, or a list of external ids of products. */
export const sentField = z.looseObject({
  name: sentText.refine((name) => !/\s/.test(name), 'must not have spaces'),
  type: z.enum(['STRING', 'PRODUCTLIST', 'URL']).optional(),
  value: z.string().optional(),
  values: sentIds.optional(),
}).refine((field) => field.type !== 'PRODUCTLIST' || field.values !== undefined, { path: ['values'], message: 'has to be given: the external ids of the products' });

/** Fields whose names differ. */
export const sentFields = z.array(sentField).refine((fields) => new Set(fields.map(({ name }) => name)).size === fields.length, 'has a name twice');

/** Campaigns of the older module (contract §3.12). */
export const campaignOperations = {
  'campaign.list': operation({
    name: 'campaign.list', method: 'GET', path: '/campaign/list', list: true, about: 'campaigns with their external triggers, inactive ones too', input: () => z.strictObject({}),
    answer: () => z.array(z.object({ encryptedId: neededId, name: text, active: flag, triggers: list(z.object({ encryptedId: neededId, name: text })) })),
  }),
  'campaign.trigger': operation({
    name: 'campaign.trigger', method: 'POST', path: '/campaign/trigger/{encryptedTriggerId}', idempotent: false, about: 'start a campaign for one contact, with its fields',
    input: () => z.strictObject({ encryptedTriggerId: sentId, body: z.looseObject({ externalContactId: sentId, campaignFields: sentFields.optional() }) }), answer: () => nothing,
  }),
  'campaign.stop': operation({
    name: 'campaign.stop', method: 'POST', path: '/campaign/{encryptedCampaignId}/stop', about: 'stop a campaign for one contact',
    input: () => z.strictObject({ encryptedCampaignId, body: z.looseObject({ externalContactId: sentId }) }), answer: () => nothing,
  }),
  'campaign.mailings': operation({
    name: 'campaign.mailings', method: 'GET', path: '/campaign/{encryptedCampaignId}/mailing', list: true, about: 'the mailings of a campaign', input: () => z.strictObject({ encryptedCampaignId }),
    answer: () => z.array(z.object({ encryptedId: neededId, name: text, type: text })),
  }),
};
