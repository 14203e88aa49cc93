import { callPatiently, DEFAULT_PATIENCE, HubConnections } from './hub-call.ts';
import type { HubAnswer, Patience } from './hub-call.ts';
import { ListSync } from './list-sync.ts';
import type { HubAddress, ListSyncInput } from './list-sync-input.ts';
import { cutIntoPages, membersOf, sendingOrder } from './list-sync-pages.ts';
import type { MemberPages } from './list-sync-pages.ts';
import { Refusal } from './refusal.ts';
import type { CoinsState } from './state.ts';

/** A list to remove at the hub. */
export type ListDeletion = HubAddress & { listId: string; patience?: Partial<Patience> };

/** The client side of Coins: starts list syncs at the hub and removes lists there. */
export class ListSyncs {
  readonly #state: CoinsState;
  readonly #syncs = new Map<string, ListSync>();
  readonly #connections = new HubConnections();
  readonly #abort = new AbortController();
  #nextNumber = 1;

  constructor(state: CoinsState) {
    this.#state = state;
  }

  /**
   * Starts a list sync and returns at once; `done` of the result resolves when all is answered. The members are those of
   * this moment: later edits of the cards do not change the pages.
   *
   * @param pages the members, where they are not the cards held here (for amounts that should not be held)
   */
  start(input: ListSyncInput, pages?: MemberPages): ListSync {
    const members = pages ?? cutIntoPages(membersOf(this.#state.cards.all(), input), input.pageSize ?? 100);
    const syncId = input.syncId ?? `LS-${String(this.#nextNumber).padStart(6, '0')}`;
    this.#nextNumber += 1;
    if (input.campaign) this.#state.campaigns.add(input.campaign.id);
    const sync = new ListSync(syncId, input, members, this.#connections);
    this.#syncs.set(syncId, sync);
    void sync.send(sendingOrder(members.pageCount, input));
    return sync;
  }

  /** The list sync with this id, the last one when the id was used again. @throws Refusal (404) */
  require(syncId: string): ListSync {
    const sync = this.#syncs.get(syncId);
    if (sync === undefined) throw new Refusal(404, `there is no list sync ${syncId}`);
    return sync;
  }

  /** All list syncs, the oldest first. */
  all(): ListSync[] {
    return [...this.#syncs.values()];
  }

  /** Removes a list at the hub; tries again as a list sync does. Returns the last answer. */
  async deleteList({ hubUrl, connectorId, token, listId, patience }: ListDeletion): Promise<HubAnswer & { attempts: number }> {
    let attempts = 0;
    const url = `${hubUrl}/inbound/coins/${encodeURIComponent(connectorId)}/lists/${encodeURIComponent(listId)}`;
    const call = { method: 'DELETE' as const, url, headers: { authorization: `Bearer ${token}` } };
    const counting = (): void => { attempts += 1; };
    const answer = await callPatiently(this.#connections, call, { ...DEFAULT_PATIENCE, ...patience }, this.#abort.signal, counting);
    return { ...answer, attempts };
  }

  /** Stops what is on its way and forgets all. */
  reset(): void {
    for (const sync of this.#syncs.values()) sync.stop();
    this.#syncs.clear();
  }

  /** Stops everything for good and ends the connections; resolves when nothing is on its way any more. */
  async close(): Promise<void> {
    this.#abort.abort();
    const running = this.all();
    this.reset();
    await Promise.all(running.map(({ done }) => done));
    this.#connections.close();
  }
}
