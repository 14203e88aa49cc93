import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { coins } from '../../platforms/coins/index.ts';
import { mailplus } from '../../platforms/mailplus/index.ts';
import type { DeliveryItem, Platform, PlatformAction } from '../../platforms/platform.ts';
import { openWorld, type HubWorld, type WorldOptions } from './hub-world.ts';
import { patientServer } from './patient-server.ts';

/** What happens around the calls of a world; tests change it while it runs. */
export interface CallHooks {
  /** Before contacts are sent; what it throws is what the platform answers. */
  beforeDeliver: (connectorId: string, items: readonly DeliveryItem[]) => Promise<void> | void;
  /** After the platform stored them, before the hub hears of it. */
  afterDeliver: (connectorId: string, items: readonly DeliveryItem[]) => Promise<void> | void;
  beforeAct: (connectorId: string, action: PlatformAction) => Promise<void> | void;
  afterAct: (connectorId: string, action: PlatformAction) => Promise<void> | void;
}

/** A world whose calls can be watched and disturbed. */
export interface DeliverWorld extends HubWorld {
  readonly hooks: CallHooks;
  /** Takes all hooks off. */
  calm(): void;
}

/** Opens a world with hooks; `close` it in `afterAll`. */
export async function openDeliverWorld(options: WorldOptions = {}): Promise<DeliverWorld> {
  const hooks = quietHooks();
  const platforms = { mailplus: hooked(mailplus, hooks), coins: hooked(coins, hooks) };
  const world = await openWorld({ ...options, overrides: { platforms, ...options.overrides } });
  const calm = (): void => void Object.assign(hooks, quietHooks());
  return Object.assign(world, { hooks, calm });
}

const quietHooks = (): CallHooks => ({ beforeDeliver: () => undefined, afterDeliver: () => undefined, beforeAct: () => undefined, afterAct: () => undefined });

function hooked(platform: Platform, hooks: CallHooks): Platform {
  const { deliver, act } = platform;
  if (deliver === undefined || act === undefined) throw new Error('a platform that takes nothing');
  return {
    ...platform,
    deliver: async (context, dataType, items) => {
      await hooks.beforeDeliver(context.connectorId, items);
      const outcomes = await deliver(context, dataType, items);
      await hooks.afterDeliver(context.connectorId, items);
      return outcomes;
    },
    act: async (context, action) => {
      await hooks.beforeAct(context.connectorId, action);
      const outcome = await act(context, action);
      await hooks.afterAct(context.connectorId, action);
      return outcome;
    },
  };
}

/** A server in front of another one that answers 500 to bodies with one of the words; everything else passes. */
export interface PoisonFront {
  readonly url: string;
  /** Words that make a request fail. */
  readonly poison: Set<string>;
  /** Bodies that came in by method and path, poisoned ones included. */
  readonly bodies: { readonly call: string; readonly body: string }[];
  close(): Promise<void>;
}

/** Starts a front for the server at `url`. The path of `url` is kept, and the caller's `Host`, which signatures are made with. */
export async function startPoisonFront(url: string): Promise<PoisonFront> {
  const target = new URL(url);
  const front = { poison: new Set<string>(), bodies: [] as { call: string; body: string }[] };
  const server: Server = createServer(patientServer, (incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      front.bodies.push({ call: `${incoming.method ?? ''} ${incoming.url ?? ''}`, body });
      if ([...front.poison].some((word) => body.includes(word))) {
        answer.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Internal error</h1>');
        return;
      }
      const forward = request({ host: target.hostname, port: target.port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      });
      forward.on('error', () => answer.destroy());
      forward.end(body);
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return {
    ...front, url: `http://127.0.0.1:${port}${target.pathname.replace(/\/$/, '')}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
