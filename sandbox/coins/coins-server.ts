import { setTimeout as delay } from 'node:timers/promises';

import { createCoinsApi } from './api.ts';
import type { FaultRule, Faults } from './faults.ts';
import type { Delivery, Handler, Request } from './http-server.ts';
import { Refusal } from './refusal.ts';
import type { Answer } from './refusal.ts';
import type { CoinsState } from './state.ts';

/** The delay of every answer; the control side changes it. */
export type Latency = { milliseconds: number };

/** What stands between the network and the API: the login, the delay of every answer, and the faults. */
type FrontOptions = { state: CoinsState; faults: Faults; token: string; latency: Latency };

const HTML_ERROR = '<!DOCTYPE html><html><head><title>500</title></head><body><h1>The application server is not available</h1></body></html>';

/** The answer of a fault that comes instead of the work, or undefined when the work is done first. */
function answerInstead(fault: FaultRule): Delivery | undefined {
  const retryAfter = fault.retryAfterSeconds;
  switch (fault.kind) {
    case 'html-500':
      return { answer: { status: 500, body: HTML_ERROR } };
    case 'status':
      return { answer: { status: fault.status ?? 503, body: { message: 'not available at the moment' } } };
    case 'rate-limit': {
      const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
      return { answer: { status: 429, body: { message: 'too many requests' }, headers } };
    }
    case 'reset-before':
      return { answer: { status: 500 }, ending: 'reset' };
    default:
      return undefined;
  }
}

const ENDINGS: { [kind in FaultRule['kind']]?: 'half' | 'reset' } = { 'half-body': 'half', 'reset-after': 'reset' };

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}

function checkToken(request: Request, token: string): void {
  if (request.headers.authorization !== `Bearer ${token}`) throw new Refusal(401, 'the token is missing or wrong');
}

/** The handler of the Coins API. */
export function createFront({ state, faults, token, latency }: FrontOptions): Handler {
  const api = createCoinsApi(state);
  const work = async (request: Request): Promise<Answer> => {
    try {
      checkToken(request, token);
      return await api(request);
    } catch (error) {
      if (error instanceof Refusal) return { status: error.status, body: error.body };
      throw error;
    }
  };
  return async (request) => {
    state.journal.counts.requests += 1;
    const fault = faults.take(request.method, request.path);
    if (fault) state.journal.failed(fault.kind);
    await pause(latency.milliseconds + (fault?.kind === 'slow' ? (fault.delayMs ?? 1_000) : 0), request.signal);
    const instead = fault && answerInstead(fault);
    const delivery: Delivery = instead ?? { answer: await work(request), ending: (fault && ENDINGS[fault.kind]) ?? 'whole' };
    if (delivery.ending !== 'reset') state.journal.answered(delivery.answer.status);
    return delivery;
  };
}
