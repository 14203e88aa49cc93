import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** How long to wait, and what for: the failure says `message` and what the condition gave last. */
export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly message?: string;
}

/**
 * Asks the condition every 20 ms until it gives something other than false, null or undefined, and returns that. A condition
 * that throws does not hold yet. Errors: Error after `timeoutMs` (10 seconds unless told).
 */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  { timeoutMs = 10_000, message = 'the condition' }: WaitOptions = {},
): Promise<Exclude<Value, false | null | undefined>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const [value, failure] = await ask(condition);
    if (holds(value)) return value;
    if (Date.now() >= deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${message}; last: ${failure?.message ?? String(value)}.`, { cause: failure });
    await delay(POLL_MS);
  }
}

async function ask<Value>(condition: () => Value | Promise<Value>): Promise<readonly [Value | undefined, Error | undefined]> {
  try {
    return [await condition(), undefined];
  } catch (error) {
    return [undefined, error instanceof Error ? error : new Error(String(error))];
  }
}

function holds<Value>(value: Value | undefined): value is Exclude<Value, false | null | undefined> {
  return value !== undefined && value !== null && value !== false;
}
