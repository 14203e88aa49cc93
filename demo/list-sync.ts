import type { ListSyncReport } from '../sandbox/coins/list-sync.ts';
import { connectorIds, type Connected } from './connect.ts';
import type { Stage } from './stage.ts';

/** The campaign of the list that a mailing goes to. */
export const campaign = { id: 'C-2026-OAKW', name: 'Oakwold spring open days', startDate: '2026-03-01', endDate: '2026-05-31' } as const;

/** A list that Coins sends. */
export interface DemoList {
  readonly id: string;
  readonly name: string;
  readonly prospectIds: readonly string[];
  readonly campaign?: typeof campaign;
}

const pageSize = 200;

/** Has Coins start a list sync: pages in any order, some twice, four on their way at once. Returns its id. */
export async function startListSync({ coins, hub }: Stage, { sourceToken }: Connected, list: DemoList): Promise<string> {
  const { syncId } = await coins.control.send<{ syncId: string }>('POST', '/list-syncs', {
    hubUrl: hub.gatewayUrl, connectorId: connectorIds.coins, token: sourceToken, listId: list.id, name: list.name, ...(list.campaign === undefined ? {} : { campaign: list.campaign }),
    prospectIds: list.prospectIds, pageSize, parallel: 4, order: 'with-duplicates',
  });
  return syncId;
}

/** Waits until every page is answered, and returns what Coins was told. */
export async function listSyncReport({ coins }: Stage, syncId: string): Promise<ListSyncReport> {
  return coins.control.get<ListSyncReport>(`/list-syncs/${syncId}?wait=true`);
}

/** A static list in Mail+. */
export interface StaticList {
  readonly name: string;
  readonly members: readonly unknown[];
}

/** The static lists in Mail+ that were made from a list of Coins; each is named from list, campaign if there is one, and date. */
export async function staticLists({ mailplus }: Stage, list: DemoList): Promise<StaticList[]> {
  const lists = await mailplus.control.get<StaticList[]>('/state/lists');
  return lists.filter(({ name }) => name.startsWith(list.name));
}
