import { HubError } from '../../domain/errors.ts';
import type { Acts, ChecksConnection, Delivers, DiscoversFields, Platform, PlatformContext, Reads, ReportsMailings, RunsOperations, SourcePage, StreamDefinition, Window } from '../platform.ts';
import type { KeepsIds } from '../keeps-ids.ts';
import type { FollowsCarts } from '../follows-carts.ts';
import type { MapsFields } from '../maps-fields.ts';
import type { SearchesContacts, ServesForms } from '../web-forms.ts';
import { act } from './act.ts';
import { actionKinds } from './action-kinds.ts';
import { readBounces, readInteractions } from './activities.ts';
import { carts } from './carts.ts';
import { checkConnection } from './check.ts';
import { deliverContacts } from './deliver.ts';
import { deliverOrders } from './deliver-orders.ts';
import { deliverProducts } from './deliver-products.ts';
import { mailplusDescription } from './description.ts';
import { discoverFields } from './fields.ts';
import { selectionsOf } from './settings.ts';
import { lookAtIds } from './id-field.ts';
import { planOf } from './mapping.ts';
import { mapping } from './mapping-rules.ts';
import { findEffect } from './find-effect.ts';
import { readFormResults } from './form-results.ts';
import { projectContact, type OwnContext } from './project.ts';
import { projectCheckout } from './project-checkout.ts';
import { projectOrder } from './project-order.ts';
import { projectProduct } from './project-product.ts';
import { readContactsById } from './read-records.ts';
import { reports } from './reports.ts';
import { operationSummaries, runOperation } from './run-operation.ts';
import { searchContacts } from './search.ts';
import { readContacts } from './streams.ts';
import { subscribe } from './subscribe.ts';
import { searchForForm, webForm } from './web-forms.ts';

async function readPage(context: PlatformContext, stream: StreamDefinition, window: Window, pageToken: string | undefined): Promise<SourcePage> {
  switch (stream.name) {
    case 'contacts': return readContacts(context, stream, window, pageToken);
    case 'bounces': return readBounces(context, stream, window, pageToken);
    case 'sent':
    case 'opened':
    case 'clicked':
    case 'bounced': return readInteractions(context, stream.name, stream, window, pageToken);
    case 'form-results': return readFormResults(context, window, pageToken);
    default: throw new HubError('NOT_FOUND', `Mail+ has no stream «${stream.name}».`);
  }
}

/** Spotler Mail+; what it does with which method, and how it meets what is not documented, is in `docs/mailplus.md`. */
export const mailplus = {
  description: mailplusDescription,
  checkConnection,
  discoverFields,
  mapping,
  readPage,
  readRecords: async (context, dataType, ids) => {
    if (dataType !== 'contacts') throw new HubError('NOT_IMPORTED', `Mail+ gives no ${dataType} by id.`);
    return readContactsById(context, ids);
  },
  project: (context: OwnContext, dataType, record) => {
    if (dataType === 'contacts') return projectContact(context, record);
    if (dataType === 'products') return projectProduct(record);
    if (dataType === 'orders') return projectOrder(record);
    if (dataType === 'checkouts') return projectCheckout(context, record);
    return { fields: {}, withheld: [], excluded: `Mail+ takes no ${dataType}` };
  },
  addressKey: (context) => planOf(context.fields, context).targets.get('email') ?? 'email',
  deliver: async (context, dataType, items) => {
    if (dataType === 'contacts') return deliverContacts(context, items);
    if (dataType === 'products') return deliverProducts(context, items);
    if (dataType === 'orders') return deliverOrders(context, items);
    throw new HubError('INTERNAL', `Mail+ takes no ${dataType}.`);
  },
  carts,
  actionKinds,
  act,
  findEffect,
  selectionKinds: (settings) => selectionsOf(settings),
  operations: operationSummaries,
  runOperation,
  reports,
  searchContacts,
  webForm,
  searchForForm,
  subscribe,
  ids: { loginName: 'key', look: lookAtIds },
} satisfies Platform & ChecksConnection & Reads & DiscoversFields & MapsFields & Delivers & Acts & RunsOperations & ReportsMailings & SearchesContacts & ServesForms & KeepsIds & FollowsCarts;
