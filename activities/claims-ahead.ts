import { claimDeliveries, type ClaimedDelivery, type ClaimScope } from '../db/repositories/deliver/claim.ts';
import type { Db } from '../db/database.ts';

/** Deliveries planned together. */
const claimSize = 1_000;

/** What is to be claimed: pending deliveries of one kind up to a lane. */
export interface Claim extends ClaimScope {
  readonly maxLane: number;
}

/** Claims chunk after chunk; the next one may be looked up while the last calls of the present one are made. */
export interface Claims {
  /** Begins to look up what comes after a chunk, without waiting. */
  begin(claim: Claim, after: readonly ClaimedDelivery[]): void;
  /** The next chunk: the one that was begun if it is of the same kind, could be looked up and has something, else what is pending now. Anything else that was begun is forgotten. */
  take(claim: Claim): Promise<readonly ClaimedDelivery[]>;
  /** Something else was done meanwhile: what was begun is forgotten. */
  forget(): void;
}

/** For one run. */
export function createClaims(db: Db): Claims {
  let ahead: { readonly key: string; readonly rows: Promise<readonly ClaimedDelivery[]> } | undefined;
  return {
    begin: (claim, after) => {
      const rows = claimDeliveries(db, claim, claim.maxLane, claimSize, after.map(({ recordId }) => recordId)).catch(() => []);
      ahead = { key: keyOf(claim), rows };
    },
    take: async (claim) => {
      const begun = ahead;
      ahead = undefined;
      const rows = begun?.key === keyOf(claim) ? await begun.rows : [];
      return rows.length > 0 ? rows : claimDeliveries(db, claim, claim.maxLane, claimSize);
    },
    forget: () => {
      ahead = undefined;
    },
  };
}

const keyOf = ({ dataType, maxLane }: Claim): string => `${maxLane} ${dataType}`;
