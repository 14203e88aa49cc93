import { platforms } from '../../../platforms/registry.ts';
import { coinsHarness } from './coins-harness.ts';
import { customHarness } from './custom-harness.ts';
import type { PlatformHarness } from './harness.ts';
import { mailplusHarness } from './mailplus-harness.ts';

const written: readonly PlatformHarness[] = [mailplusHarness, coinsHarness, customHarness];

/** One harness for each platform of the registry. Throws for a platform without one, so that none escapes the suite. */
export const harnesses: readonly PlatformHarness[] = Object.entries(platforms).map(([id, platform]) => {
  const harness = written.find((candidate) => candidate.platform === platform);
  if (harness?.platform.description.id !== id) throw new Error(`The platform «${id}» has no harness: write test/platforms/conformance/${id}-harness.ts.`);
  return harness;
});
