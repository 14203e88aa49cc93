import { setTimeout as delay } from 'node:timers/promises';
import { RefusedError } from '../errors.ts';
import type { GatewayClient } from '../gateway-client.ts';

/** How long to go on trying, and who hears of it. */
export interface Patience {
  readonly patienceMs: number;
  /** One sentence when the waiting begins, one when it is over. */
  readonly say: (sentence: string) => void;
}

const tryAgainMs = 500;
/** Of a hub that is away for a moment: it is restarted, its database is, or it has had too many requests. None says anything about the request itself. */
const passing: ReadonlySet<string> = new Set(['GATEWAY_UNREACHABLE', 'DATABASE_UNAVAILABLE', 'TEMPORAL_UNAVAILABLE', 'REQUEST_RATE_LIMITED']);

/**
 * A client that sends a call again for a while when the hub is away, once it has answered the first time: a wrong address is told at once.
 * Only for calls that may be repeated. Throws what the last try did.
 */
export function patientClient(client: GatewayClient, { patienceMs, say }: Patience): GatewayClient {
  let hasAnswered = false;
  async function patiently<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const giveUpAt = performance.now() + patienceMs;
    for (let isWaiting = false; ; isWaiting = true) {
      try {
        const answer = await call();
        if (isWaiting) say('The hub is there again: it goes on.');
        hasAnswered = true;
        return answer;
      } catch (error) {
        if (!hasAnswered || !isPassing(error) || performance.now() >= giveUpAt) throw error;
        if (!isWaiting) say(`${error.message} It is tried again for ${Math.round(patienceMs / 1_000)} s.`);
        await delay(tryAgainMs);
      }
    }
  }
  return {
    url: client.url,
    get: (path, query) => patiently(() => client.get(path, query)),
    send: (method, path, body) => patiently(() => client.send(method, path, body)),
  };
}

const isPassing = (error: unknown): error is RefusedError => error instanceof RefusedError && passing.has(error.answer.code);
