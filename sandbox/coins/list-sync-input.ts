import { booleanIn, fieldsOf, isTexts, optionalText, requiredText, textIn, wholeIn } from './checks.ts';
import type { Fields } from './checks.ts';
import type { Patience } from './hub-call.ts';
import { wrongValue } from './refusal.ts';
import type { SyncCampaign, SyncList } from './wire.ts';

/** In which order the pages go out; `with-duplicates` sends about a third of them a second time, later on. */
const PAGE_ORDERS = ['in-order', 'shuffled', 'with-duplicates'] as const;
export type PageOrder = (typeof PAGE_ORDERS)[number];

/** Where a list sync goes. `hubUrl` without a closing slash; `token` is the connector's own. */
export type HubAddress = { hubUrl: string; connectorId: string; token: string };

/** A list sync to start. Without `prospectIds` and `filter` it has every prospect. */
export type ListSyncInput = HubAddress & {
  /** Given out by the sandbox when it is left out. The same id again is the same sync sent again. */
  syncId?: string;
  cid?: string;
  list: SyncList;
  campaign?: SyncCampaign;
  prospectIds?: readonly string[];
  /** Fields of the card and the text that each must have, such as `{ developmentCode: 'OAKW' }`. */
  filter?: Record<string, string>;
  pageSize?: number;
  order?: PageOrder;
  /** Decides the order of `shuffled` and `with-duplicates`. */
  seed?: number;
  /** Pages that are never sent. */
  missingPages?: readonly number[];
  /** How many pages are on their way at once. */
  parallel?: number;
  patience?: Partial<Patience>;
};

const NAMES = ['hubUrl', 'connectorId', 'token', 'syncId', 'cid', 'listId', 'name', 'description', 'campaign', 'prospectIds',
  'filter', 'pageSize', 'order', 'seed', 'missingPages', 'parallel', 'patience', 'wait'];

function listOf<T>(fields: Fields, name: string, isRight: (item: unknown) => item is T): T[] | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every(isRight)) throw wrongValue(name, `${name} is not a list of the right kind`);
  return value;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isPage = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

function readCampaign(value: unknown): SyncCampaign | undefined {
  if (value === undefined) return undefined;
  const fields = fieldsOf(value, 'campaign', ['id', 'name', 'startDate', 'endDate']);
  const { id, name } = { id: requiredText(fields, 'id'), name: requiredText(fields, 'name') };
  return { id, name, startDate: textIn(fields, 'startDate'), endDate: textIn(fields, 'endDate') };
}

function readFilter(value: unknown): Record<string, string> | undefined {
  if (value === undefined) return undefined;
  if (!isTexts(value)) throw wrongValue('filter', 'filter must be fields with texts');
  return value;
}

function readPatience(value: unknown): Partial<Patience> | undefined {
  if (value === undefined) return undefined;
  const fields = fieldsOf(value, 'patience', ['timeoutMs', 'firstWaitMs', 'longestWaitMs', 'giveUpAfterMs']);
  return Object.fromEntries(Object.keys(fields).map((name) => [name, wholeIn(fields, name, 0)]));
}

/** The parts of a list sync that may be left out. */
function optionalParts(fields: Fields): Partial<ListSyncInput> {
  const parts: Partial<ListSyncInput> = {};
  const syncId = optionalText(fields, 'syncId', { min: 1 });
  const cid = optionalText(fields, 'cid');
  const campaign = readCampaign(fields['campaign']);
  const prospectIds = listOf(fields, 'prospectIds', isText);
  const filter = readFilter(fields['filter']);
  const missingPages = listOf(fields, 'missingPages', isPage);
  const patience = readPatience(fields['patience']);
  if (syncId !== undefined) parts.syncId = syncId;
  if (cid !== undefined) parts.cid = cid;
  if (campaign !== undefined) parts.campaign = campaign;
  if (prospectIds !== undefined) parts.prospectIds = prospectIds;
  if (filter !== undefined) parts.filter = filter;
  if (missingPages !== undefined) parts.missingPages = missingPages;
  if (patience !== undefined) parts.patience = patience;
  return parts;
}

/** Where the hub is, from JSON. */
export function readHubAddress(fields: Fields): HubAddress {
  const hubUrl = textIn(fields, 'hubUrl', { pattern: /^https?:\/\/.+/, says: 'must be a web address', max: 2000 }).replace(/\/+$/, '');
  return { hubUrl, connectorId: requiredText(fields, 'connectorId'), token: requiredText(fields, 'token', 1000) };
}

/** Reads a list sync from JSON. @throws Refusal (400) with the field that is wrong */
export function readListSyncInput(body: unknown): ListSyncInput & { wait: boolean } {
  const fields = fieldsOf(body, 'list sync', NAMES);
  const order = PAGE_ORDERS.find((known) => known === (fields['order'] ?? 'in-order'));
  if (order === undefined) throw wrongValue('order', `order must be one of ${PAGE_ORDERS.join(', ')}`);
  const list = { id: requiredText(fields, 'listId'), name: requiredText(fields, 'name'), description: optionalText(fields, 'description', { max: 2000 }) ?? '' };
  return {
    ...readHubAddress(fields),
    list,
    order,
    pageSize: wholeIn(fields, 'pageSize', 100, 1, 10_000),
    seed: wholeIn(fields, 'seed', 1),
    parallel: wholeIn(fields, 'parallel', 1, 1, 64),
    wait: fields['wait'] === undefined ? false : booleanIn(fields, 'wait'),
    ...optionalParts(fields),
  };
}
