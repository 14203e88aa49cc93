import type { WorkingRecord } from './types.ts';

const sameJson = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Whether a record is to be stored: it is new, or its view, its provenance or its consent is another than before. */
export function differs(r: WorkingRecord): boolean {
  return r.before === null || !sameJson(r.before.canonical, r.after.canonical) || !sameJson(r.before.consent, r.after.consent)
    || !sameJson(r.before.provenance, r.after.provenance) || r.before.deleted !== r.after.deleted;
}
