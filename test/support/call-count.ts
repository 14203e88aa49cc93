import type { MailplusSandbox } from '../../sandbox/mailplus/index.ts';

/** How often each operation of Mail+ was called, as `POST /contact/list`; those that were not called are left out. */
export type CallCount = Readonly<Record<string, number>>;

/** Does some work and counts the calls to Mail+ that it took, refused ones included. The work must have had an effect worth counting: its errors are thrown. */
export async function callsOf({ state }: Pick<MailplusSandbox, 'state'>, work: () => Promise<unknown>): Promise<CallCount> {
  const before = new Map(Object.entries(state.counters()).map(([operation, { calls }]) => [operation, calls]));
  await work();
  return Object.fromEntries(Object.entries(state.counters()).map(([operation, { calls }]) => [operation, calls - (before.get(operation) ?? 0)] as const).filter(([, calls]) => calls > 0));
}
