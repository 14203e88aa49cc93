/** What was found of one part. */
export interface Finding {
  readonly part: string;
  readonly ok: boolean;
  /** What was found, for a person. */
  readonly what: string;
  /** What to do; empty when nothing. */
  readonly fix: string;
}

/** A part that is not as it should be. */
export function failed(part: string, { message, fix }: { readonly message: string; readonly fix: string }): Finding {
  return { part, ok: false, what: message, fix };
}
