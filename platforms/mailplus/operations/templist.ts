import { z } from 'zod';
import { operation } from './define.ts';
import { sentId, sentIds, sentText } from './input.ts';
import { id, nothing, text } from './wire.ts';

const externalTemporaryListId = sentId;

/** Static lists, which the API calls temporary (contract §3.9). Mail+ takes 30 at once, and the help centre says that a system can delete only its own. */
export const templistOperations = {
  'templist.create': operation({
    name: 'templist.create', method: 'POST', path: '/templist', about: 'make a static list, with contacts that are known',
    input: () => z.strictObject({ body: z.looseObject({ externalTemporaryListId, name: sentText, contacts: sentIds.optional() }) }), answer: () => nothing,
  }),
  'templist.list': operation({
    name: 'templist.list', method: 'GET', path: '/templist', list: true, about: 'all static lists, whoever made them', input: () => z.strictObject({}),
    answer: ({ instant }) => z.array(z.object({ externalTemporaryListId: id, name: text, createdAt: instant.catch(undefined), type: text })),
  }),
  'templist.add-contacts': operation({
    name: 'templist.add-contacts', method: 'POST', path: '/templist/{externalTemporaryListId}', about: 'add contacts to a static list: all, or none if one is not known',
    input: () => z.strictObject({ externalTemporaryListId, body: z.looseObject({ contacts: sentIds }) }), answer: () => nothing,
  }),
  'templist.delete': operation({
    name: 'templist.delete', method: 'DELETE', path: '/templist/{externalTemporaryListId}', about: 'delete a static list that is not in use', input: () => z.strictObject({ externalTemporaryListId }), answer: () => nothing,
  }),
};
