import type { Operation } from '../http/call.ts';

/** The account's visible contact properties (contract 3.1). */
export const contactPropertiesOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: 'contact/properties/list',
    handle: (call) => ({ status: 200, body: call.account.catalogue.definitions }),
  },
];
