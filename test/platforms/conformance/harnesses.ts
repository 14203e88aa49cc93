import { coinsHarness } from './coins-harness.ts';
import type { PlatformHarness } from './harness.ts';
import { mailplusHarness } from './mailplus-harness.ts';

/** One harness for each platform of the registry; `sandbox.test.ts` fails for a platform without one. */
export const harnesses: readonly PlatformHarness[] = [mailplusHarness, coinsHarness];
