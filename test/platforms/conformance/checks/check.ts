import type { Subject } from '../subject.ts';

/** One rule that every platform with the capability keeps, named as a sentence. `run` throws when it is broken. */
export interface Check {
  readonly title: string;
  run(subject: Subject): Promise<void> | void;
}

/** A check, with what it does. */
export const check = (title: string, run: Check['run']): Check => ({ title, run });
