import { setCurrentDetails } from '@temporalio/workflow';
import type { SweepResult } from '../activities/sweep.ts';
import { working } from './proxies.ts';

/** Puts right what no hint or workflow comes back to: from a Schedule, and at the start of each worker. */
export async function sweep(): Promise<SweepResult> {
  const result = await working.sweepOnce.executeWithOptions({ summary: 'what was left behind' }, []);
  setCurrentDetails(Object.entries(result).map(([what, count]) => `- ${what}: ${count}`).join('\n'));
  return result;
}
