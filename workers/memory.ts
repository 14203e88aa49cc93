import { setFlagsFromString } from 'node:v8';

/** V8 lets a heap grow to several times of what lives in it before it cleans up; with pages of a thousand records coming and going that is hundreds of megabytes. */
const heapGrowsByPercent = 40;

/**
 * Keeps the memory of a hub's process small and flat, whatever it imports: the heap is cleaned when it has grown by 40 %. Costs about a
 * quarter of the process's time during a first import, hardly anything otherwise (docs/performance.md). Not a limit: a large page still fits.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${heapGrowsByPercent}`);
}
