import { makeContinueAsNewFunc } from '@temporalio/workflow';
import type { ConnectorInput } from './message-types.ts';
import { working } from './proxies.ts';
import { wakeLoop } from './wake-loop.ts';

/**
 * The queue out of one export connector (`deliver/<connectorId>`): woken by `wake`, it sends what PostgreSQL says is pending, in time-boxed
 * activities, until nothing is left. One sender at a time.
 */
export async function deliver(input: ConnectorInput): Promise<void> {
  const { connectorId } = input;
  const totals = { sent: 0, settled: 0, actions: 0 };
  await wakeLoop(connectorId, `Deliveries to ${connectorId}`, async (perseverance) => {
    const startedMs = Date.now();
    const result = await perseverance.run(() => working.deliverPending.executeWithOptions({ summary: `deliveries to ${connectorId}` }, [{ connectorId }]));
    totals.sent += result.sent;
    totals.settled += result.settled;
    totals.actions += result.actions;
    const seconds = Math.max(0.001, (Date.now() - startedMs) / 1_000);
    const speed = result.sent > 0 ? `, the last ${result.sent} at ${Math.round(result.sent / seconds)} a second` : '';
    const state = result.waiting === undefined ? (result.more ? 'sending' : 'nothing is pending') : `waits: ${result.waiting}`;
    return { more: result.more, details: `**Deliveries to ${connectorId}**: ${state}.\n\n- Sent by this run of the workflow: ${totals.sent} records, ${totals.actions} actions${speed}\n- Nothing to send for ${totals.settled} records` };
  }, () => makeContinueAsNewFunc<typeof deliver>()(input));
}
