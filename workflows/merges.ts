import type { Perseverance } from './perseverance.ts';
import { working } from './proxies.ts';

/** Carries out the merges that what was read asked for, in time-boxed parts until none is left. */
export async function mergeAll(perseverance: Perseverance, connectorId: string): Promise<void> {
  for (;;) {
    const { more } = await perseverance.run(() => working.mergeFor.executeWithOptions({ summary: 'merges' }, [{ connectorId }]));
    if (!more) return;
  }
}
