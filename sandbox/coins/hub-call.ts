import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';

/** One call to the hub. */
export type HubCall = { method: 'POST' | 'DELETE'; url: string; headers: Record<string, string>; body?: string };

/** What came back; `status` 0 when nothing did, with the reason in `error`. */
export type HubAnswer = { status: number; text: string; retryAfterMs?: number; error?: string };

/** How long to go on. Waits double from `firstWaitMs` to `longestWaitMs`; a Retry-After is obeyed up to `longestWaitMs`. */
export type Patience = { timeoutMs: number; firstWaitMs: number; longestWaitMs: number; giveUpAfterMs: number };

/** Waits of 50 ms to 2 s, for five minutes. */
export const DEFAULT_PATIENCE: Patience = { timeoutMs: 60_000, firstWaitMs: 50, longestWaitMs: 2_000, giveUpAfterMs: 300_000 };

/** A pool of connections to the hub; close it to end them. */
export class HubConnections {
  readonly #agents = { 'http:': new HttpAgent({ keepAlive: true }), 'https:': new HttpsAgent({ keepAlive: true }) };

  /** Makes one call. Never rejects: a failed connection is an answer with status 0. */
  call({ method, url, headers, body }: HubCall, timeoutMs: number, signal: AbortSignal): Promise<HubAnswer> {
    return new Promise((resolve) => {
      const failed = (error: Error): void => resolve({ status: 0, text: '', error: error.message });
      const secure = url.startsWith('https:');
      const options = { method, headers, agent: this.#agents[secure ? 'https:' : 'http:'], signal, timeout: timeoutMs };
      const outgoing = (secure ? httpsRequest : httpRequest)(url, options, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', failed);
        incoming.on('end', () => {
          const seconds = Number(incoming.headers['retry-after'] ?? Number.NaN);
          const wait = Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {};
          resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), ...wait });
        });
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      outgoing.on('error', failed);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agents['http:'].destroy();
    this.#agents['https:'].destroy();
  }
}

/** Whether another try can help: nothing came back, 429, or a server error. */
function mayRetry({ status }: HubAnswer): boolean {
  return status === 0 || status === 429 || status >= 500;
}

/**
 * Makes the call again, with the same body, until it is answered for good, patience ends or `signal` aborts; `onAttempt`
 * sees every answer. Returns the last one.
 */
export async function callPatiently(
  connections: HubConnections,
  call: HubCall,
  patience: Patience,
  signal: AbortSignal,
  onAttempt: (answer: HubAnswer, attempt: number) => void,
): Promise<HubAnswer> {
  const deadline = Date.now() + patience.giveUpAfterMs;
  let wait = patience.firstWaitMs;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await connections.call(call, patience.timeoutMs, signal);
    onAttempt(answer, attempt);
    const next = Math.min(patience.longestWaitMs, answer.retryAfterMs ?? wait);
    if (!mayRetry(answer) || signal.aborted || Date.now() + next > deadline) return answer;
    await delay(next, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return answer;
    wait = Math.min(patience.longestWaitMs, wait * 2);
  }
}
