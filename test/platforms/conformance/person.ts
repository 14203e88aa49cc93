/** An invented person that the suite puts into every sandbox. */
export interface Person {
  readonly number: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** E.164, of the range that is kept free for fiction. */
  readonly mobile: string;
  /** When the platform last changed it, ISO 8601 in UTC. */
  readonly changedAt: string;
}

/** The window that the people of the suite were changed in; half-open. */
export const suiteWindow = { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' } as const;

/** A person by number, 1 to 99: each a minute later than the one before, in `suiteWindow`. */
export function person(number: number): Person {
  return {
    number,
    firstName: `Quillonne${number}`,
    lastName: `Wexfordt${number}`,
    email: `quillonne${number}@wexfordt.example`,
    mobile: `+447700900${String(number).padStart(3, '0')}`,
    changedAt: new Date(Date.parse(suiteWindow.from) + number * 60_000).toISOString(),
  };
}

/** People 1 to `count`. */
export function people(count: number): readonly Person[] {
  return Array.from({ length: count }, (_, index) => person(index + 1));
}

/** What gives away a person of the suite, in small letters: no failure may say any of it. */
export const personalWords = ['quillonne', 'wexfordt', '7700900', '7700 900'] as const;
