import type { PlatformContext } from './platform.ts';

/** A thing under the id that a connector knows it by, and the platform's own id of it. */
export interface KnownId {
  readonly externalId: string;
  readonly alternateId: string;
}

/** What a login shows of things that some connector knows. */
export interface ShownIds {
  /** It shows one of them under the same id: the same account, and the same field of it. */
  readonly isSame: boolean;
  /** Visible fields that hold the ids of all of them that were shown: where this login keeps its ids, as far as the platform lets one see. */
  readonly fields: readonly string[];
}

/** A platform that keeps the hub's ids in a field which belongs to the login: no two connectors may share one (ADR 0023). Reading only. */
export interface KeepsIds {
  readonly ids: {
    /** Name of the credential that tells logins apart. */
    readonly loginName: string;
    /** One call for each of `known`. */
    look(context: PlatformContext, known: readonly KnownId[]): Promise<ShownIds>;
  };
}
