import { z } from 'zod';
import { operation } from './define.ts';
import { sentId, sentIds, sentShortText } from './input.ts';
import { nothing, neededId, text, type Wire } from './wire.ts';

/** The most contacts of one call (contract §5). */
export const maxAudienceContacts = 2_500;

const externalId = sentId;
const shortId = externalId.pipe(sentShortText);
const byId = z.strictObject({ externalId });
const contacts = sentIds.min(1, 'is empty').max(maxAudienceContacts, `has more than ${maxAudienceContacts} contacts: send them in several calls`);
const members = z.strictObject({ externalId, body: z.looseObject({ contacts }) });
const details = z.looseObject({ externalId: shortId, name: sentShortText, description: z.string().optional() });
const answer = ({ instant }: Wire) => z.object({
  externalId: neededId, name: text, description: text, createDate: instant, changeDate: instant, lastContactAddedAt: instant, lastContactRemovedAt: instant, lastSyncDate: instant,
});
const situations = { 403: '403 at an audience', 404: '404 at an audience', 413: '413 at an audience', 417: '417 at an audience' } as const;

/** Audiences, for accounts with Automation or eCommerce (contract §3.10). There is no way to list them. */
export const audienceOperations = {
  'audience.create': operation({
    name: 'audience.create', method: 'POST', path: '/audience', situations, about: 'make an audience', input: () => z.strictObject({ body: details }), answer,
  }),
  'audience.get': operation({ name: 'audience.get', method: 'GET', path: '/audience/{externalId}', situations, about: 'an audience by its external id', input: () => byId, answer }),
  'audience.update': operation({
    name: 'audience.update', method: 'PUT', path: '/audience/{externalId}', situations, about: 'change name and description of an audience',
    input: () => z.strictObject({ externalId, body: details }).refine((given) => given.externalId === given.body.externalId, { path: ['body', 'externalId'], message: 'is another id than that of the address: Mail+ takes only the same' }),
    answer,
  }),
  'audience.delete': operation({
    name: 'audience.delete', method: 'DELETE', path: '/audience/{externalId}', situations, about: 'delete an audience that is not in use', input: () => byId, answer: () => nothing,
  }),
  'audience.add-contacts': operation({
    name: 'audience.add-contacts', method: 'POST', path: '/audience/{externalId}/contact', situations, about: 'add up to 2,500 contacts to an audience', input: () => members, answer: () => nothing,
  }),
  'audience.remove-contacts': operation({
    name: 'audience.remove-contacts', method: 'DELETE', path: '/audience/{externalId}/contact', situations, about: 'take up to 2,500 contacts out of an audience', input: () => members, answer: () => nothing,
  }),
  'audience.remove-all-contacts': operation({
    name: 'audience.remove-all-contacts', method: 'DELETE', path: '/audience/{externalId}/contact', situations, about: 'take all contacts out of an audience: the same call without a body', input: () => byId, answer: () => nothing,
  }),
};
