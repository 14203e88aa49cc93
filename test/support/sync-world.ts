import { jest } from '@jest/globals';
import { coins } from '../../platforms/coins/index.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import type { DeliveryItem, Platform, SourcePage } from '../../platforms/platform.ts';
import { openWorld, type HubWorld } from './hub-world.ts';
import type { Side } from './sync-notes.ts';

/** Who is told what happens in a world, and may disturb it by what it throws. */
export interface Watcher {
  /** The hub is at a named point of its work. */
  atPoint(name: string): Promise<void>;
  onRead(side: Side, page: SourcePage): void;
  /** Before a call. */
  onCall(side: Side, items: readonly DeliveryItem[]): void;
  /** After a call was stored, before the hub hears of it. */
  onStored(): void;
}

const real = ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const;
const stepMs = 1_000;

/** Moves the clock of hub and sandboxes by a second. Returns the new time in milliseconds. */
export function tick(): number {
  jest.setSystemTime(Date.now() + stepMs);
  return Date.now();
}

/** Hub, Mail+ and Coins under one clock that moves only by `tick`; opened once for many lives. */
export class SyncWorld {
  watcher: Watcher | null = null;
  #world: HubWorld | null = null;

  static async open(): Promise<SyncWorld> {
    const sync = new SyncWorld();
    jest.useFakeTimers({ now: Date.now(), doNotFake: [...real] });
    const platforms = { mailplus: sync.#watched(mailplus, 'mail'), coins: sync.#watched(coins, 'coins') };
    sync.#world = await openWorld({ overrides: { platforms, faultPoint: (name) => sync.watcher?.atPoint(name) ?? Promise.resolve() } });
    return sync;
  }

  get world(): HubWorld {
    if (this.#world === null) throw new Error('The world is not open.');
    return this.#world;
  }

  async close(): Promise<void> {
    jest.useRealTimers();
    await this.world.close();
  }

  #watched(platform: Platform, side: Side): Platform {
    const { deliver, readPage } = platform;
    if (deliver === undefined || readPage === undefined) throw new Error('A platform to read from and to write to.');
    return {
      ...platform, description: { ...platform.description, callsPerSecond: 1_000_000 },
      readPage: async (...request) => {
        tick();
        const page = await readPage(...request);
        this.watcher?.onRead(side, page);
        return page;
      },
      deliver: async (context, dataType, items) => {
        this.watcher?.onCall(side, items);
        const outcomes = await deliver(context, dataType, items);
        tick();
        this.watcher?.onStored();
        return outcomes;
      },
    };
  }
}
