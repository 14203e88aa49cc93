import { Context } from '@temporalio/activity';

const beatEveryMs = 2_500;

/** Beats while `work` runs, whatever the platform's latency is (heartbeat timeout 8 s, beaten every 2.5 s). */
export async function withHeartbeat<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  context.heartbeat();
  const timer = setInterval(() => context.heartbeat(), beatEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
