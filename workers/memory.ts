import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8 lets a heap grow to several times of what lives in it before it cleans up; with pages of a thousand records coming and going that is hundreds of megabytes. */
const heapGrowsByPercent = 40;

/**
 * Keeps the memory of a hub's process small and flat, whatever it imports: the heap is cleaned when it has grown by 40 %. Costs about a
 * quarter of the process's time during a first import, hardly anything otherwise (docs/performance.md). Not a limit: a large page still fits.
 * To be called once, when everything is loaded: what V8 may grow to was set at its last cleaning, somewhere in the loading and by its own rule, so it cleans once here.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${heapGrowsByPercent}`);
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collectGarbage();
}
