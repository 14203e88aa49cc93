import type { z } from 'zod';
import type { Instant } from '../domain/model/fields.ts';
import type { PlatformContext, PlatformSettings } from './platform.ts';

/** An act at the platform that is no state (design §2). `payload` is the action's own, by kind. */
export interface PlatformAction {
  readonly id: number;
  readonly kind: string;
  /** The target at the platform: a prospect id, a list id. */
  readonly target: string;
  /** Unique at the connector; sent as the idempotency key where the platform has one. */
  readonly cause: string;
  readonly payload: unknown;
  /** The contact that it is about, where its kind says that it is about one. */
  readonly contact?: ActionContact;
  /** Keeps what a part of a long action did, before the next part: after a crash that part is not done again. */
  readonly report?: (step: ActionStep) => Promise<void>;
}

/** What a part of an action on an audience did. `named`: it is there, under this name; `gone`: it is not, although it was. */
export type ActionStep =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'added' | 'removed'; readonly members: readonly string[] }
  | { readonly kind: 'emptied' | 'gone' };

/** A contact of an action, by its ids at the platform. */
export interface ActionContact {
  readonly externalId: string;
  readonly alternateId?: string;
}

export type ActionOutcome =
  | { readonly kind: 'done'; readonly note?: string; /** The name that a list got there, where it is another one than was asked for. */ readonly name?: string }
  | { readonly kind: 'refused'; readonly code: ActionRefusalCode; readonly message: string; readonly platformCode?: string }
  | { readonly kind: 'moved'; readonly mergedInto: string }
  | { readonly kind: 'later'; readonly reason: string };

/** Why a platform does not carry out an action. Nothing was done. */
export type ActionRefusalCode = 'RECORD_REFUSED' | 'RECORD_OPTED_OUT' | 'RECORD_GONE' | 'PLATFORM_REFUSED' | 'PLATFORM_LIMIT_REACHED' | 'PLATFORM_NOT_LICENSED';

/** What somebody may ask for: a person, a system, or a rule. */
export interface AskedAction {
  /** What it does, in words that follow «whether»: «the automation was started». */
  readonly what: string;
  readonly contact: 'needed' | 'optional' | 'none';
  /** Whether it leads to something that the person receives: not for a contact whose last state the platform did not take. */
  readonly reachesOut: boolean;
  readonly payload: z.ZodType;
}

/** A kind of action at a platform. */
export interface ActionKind {
  /** Whether a repeat is harmless. */
  readonly repeatable: boolean;
  /** Present where it may be asked for from outside. */
  readonly asked?: AskedAction;
  /** Not every licence has it: an action that the platform refuses for this reason is set aside, and none is tried again that day. */
  readonly licensed?: boolean;
}

/** Carries out actions. Each kind says in its platform whether a repeat is harmless or is read back first. */
export interface Acts {
  /**
   * `task.create` makes a task for the person who looks after a contact: a platform without it gets activities only. `contact.anonymise` and
   * `contact.inactivate` take a contact out for good, and read it back: where a platform has none, that is left to be done by hand.
   */
  readonly actionKinds: Readonly<Record<string, ActionKind>>;
  act(context: PlatformContext, action: PlatformAction): Promise<ActionOutcome>;
  /** What selections of a source become with these settings. Absent: lists, where the platform has an action for them. */
  selectionKinds?(settings: PlatformSettings): readonly ('list' | 'audience')[];
  /**
   * Looks whether an action that must not be repeated, and was begun at `begunAt`, was carried out. `undefined`: the platform cannot tell, or
   * does not show it, which is no proof that it will not. Changes nothing.
   */
  findEffect?(context: PlatformContext, action: PlatformAction, begunAt: Instant): Promise<ActionOutcome | undefined>;
}
