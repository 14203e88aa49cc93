import type { FaultKind } from './faults.ts';

/** A change of a permission's value that the hub caused. */
export type PermissionFlip = { prospectId: string; code: string; value: boolean; date: string; receivedAt: string };

/** Exact counts of what the hub did here since the start or the last reset. */
export type Counts = {
  requests: number;
  /** Answers by status, of the Coins API. */
  answers: Record<string, number>;
  activitiesStored: number;
  /** The same activity came again with the same body: answered 200, nothing stored. */
  activitiesRepeated: number;
  /** The same external id came with another body: refused with 409. */
  activitiesConflicting: number;
  /** Stored although the card had one that says the same under another external id: a doubled effect. */
  activitiesDoubled: number;
  activitiesByType: Record<string, number>;
  /** Activities that name a campaign that Coins never sent. */
  activitiesOfUnknownCampaigns: number;
  tasksStored: number;
  tasksRepeated: number;
  tasksConflicting: number;
  tasksDoubled: number;
  /** A consent that changed the value on the card. */
  permissionFlips: number;
  /** A consent that changed the date only, a dated refusal in the place of *never asked* as well. */
  permissionsRestated: number;
  /** The consent that is held already, value and date. */
  permissionsRepeated: number;
  /** A consent older than the one held: ignored. */
  permissionsOutdated: number;
  prospectPatches: number;
  /** Patches that changed nothing on the card. */
  prospectPatchesUnchanged: number;
  /** Calls to a prospect that was merged away: answered 404 with `mergedInto`. */
  callsToMerged: number;
  faultsInjected: Partial<Record<FaultKind, number>>;
};

function noCounts(): Counts {
  return {
    requests: 0, answers: {}, activitiesStored: 0, activitiesRepeated: 0, activitiesConflicting: 0, activitiesDoubled: 0,
    activitiesByType: {}, activitiesOfUnknownCampaigns: 0, tasksStored: 0, tasksRepeated: 0, tasksConflicting: 0, tasksDoubled: 0,
    permissionFlips: 0, permissionsRestated: 0, permissionsRepeated: 0, permissionsOutdated: 0, prospectPatches: 0, prospectPatchesUnchanged: 0,
    callsToMerged: 0, faultsInjected: {},
  };
}

/** What happened, counted; the demo and the tests compare the hub with it. */
export class Journal {
  counts: Counts = noCounts();
  /** Every change of a permission's value, in order. */
  flips: PermissionFlip[] = [];
  /** Patches that changed something, per prospect. */
  patchesByProspect = new Map<string, number>();

  /** Flips per prospect and permission code. */
  flipsByProspect(): Record<string, Record<string, number>> {
    const counted: Record<string, Record<string, number>> = {};
    for (const { prospectId, code } of this.flips) {
      const ofProspect = (counted[prospectId] ??= {});
      ofProspect[code] = (ofProspect[code] ?? 0) + 1;
    }
    return counted;
  }

  /** Adds one to the count of an answer. */
  answered(status: number): void {
    this.counts.answers[status] = (this.counts.answers[status] ?? 0) + 1;
  }

  /** Adds one to the count of a kind of fault. */
  failed(kind: FaultKind): void {
    this.counts.faultsInjected[kind] = (this.counts.faultsInjected[kind] ?? 0) + 1;
  }

  /** Everything as JSON. */
  report() {
    return {
      counts: this.counts,
      flips: this.flips,
      flipsByProspect: this.flipsByProspect(),
      patchesByProspect: Object.fromEntries(this.patchesByProspect),
    };
  }

  /** Starts again from nothing. */
  reset(): void {
    this.counts = noCounts();
    this.flips = [];
    this.patchesByProspect.clear();
  }
}
