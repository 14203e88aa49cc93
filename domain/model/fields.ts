/** A JSON scalar. `null` means «said to be empty»; an absent key means «never said». */
export type Scalar = string | number | boolean | null;

/**
 * Values by name. Canonical names for a record (`firstName`, `extra.levelOfInterest`),
 * a platform's own names for what a link holds (`lastName`, `permissions:2`).
 */
export type Fields = Readonly<Record<string, Scalar>>;

/** An instant as ISO 8601 in UTC with milliseconds: `2026-11-21T10:00:00.000Z`. Sorts as text. */
export type Instant = string;

/** Prefix of canonical fields that have no place of their own (design §4.3). */
export const extraPrefix = 'extra.';
