import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

/**
 * A crash shows after 8 s without a heartbeat, three beats, and is made good a second later: within the ten seconds of design §11. How long to wait after a failure of a
 * platform is said by the failure itself. An attempt that is cancelled has ended before the workflow goes on: never two at a time.
 */
const common = {
  heartbeatTimeout: '8s',
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

type Working = Pick<Activities, 'readSlice' | 'pullWindow' | 'readReports' | 'drainInbox' | 'deliverPending' | 'mergeFor' | 'rematchContacts' | 'remapContacts' | 'sweepOnce'>;

/** Activities that work for minutes: time-boxed to about five, so that a quarter of an hour means that one hangs. */
export const working = proxyActivities<Working>({ ...common, startToCloseTimeout: '15m' });

/** Activities that only speak to PostgreSQL and Temporal. Activating raises the first export, which may be a large table. */
export const brief = proxyActivities<Omit<Activities, keyof Working>>({ ...common, startToCloseTimeout: '5m' });
