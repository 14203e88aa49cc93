/** An id with all that an address may trip over, and how it has to stand in one. */
export const oddId = 'P/1 ü?&';
export const encodedId = 'P%2F1%20%C3%BC%3F%26';

/** One instant in the forms of both bases, and as the hub has it. */
export const at = {
  given: '2026-05-01T10:00:00+02:00', sent: '2026-05-01T08:00:00.000+00:00', query: '2026-05-01T08%3A00%3A00.000%2B00%3A00',
  iso: '2026-05-01T10:00:00+02:00', local: '2026-05-01T10:00:00', ms: 1_777_622_400_000, s: 1_777_622_400, instant: '2026-05-01T08:00:00.000Z',
} as const;
/** Another, a day later. */
export const later = { given: '2026-05-02T08:00:00Z', query: '2026-05-02T08%3A00%3A00.000%2B00%3A00', sent: '2026-05-02T08:00:00.000+00:00' } as const;

/** What an operation has to send for an input, and what it has to make of what comes back. */
export interface WireCase {
  readonly input: object;
  readonly method: string;
  /** Path and query, encoded. */
  readonly url: string;
  /** What is sent as JSON; absent: no body. */
  readonly body?: unknown;
  /** Answers and what the client gives for each; absent: the 204 of a write, which gives nothing. */
  readonly answers?: readonly WireAnswer[];
}

/** An answer of one of the bases. */
export interface WireAnswer {
  readonly base: 'unversioned' | '1.1.0' | 'both';
  readonly status?: number;
  readonly body: unknown;
  readonly gives: unknown;
}

/** A page as the unversioned base gives it: there is more. */
export const page = (rows: string, body: readonly unknown[], gives: readonly unknown[]): WireAnswer => ({
  base: 'unversioned', body: { paging: { next: 'https://restapi.mailplus.nl/integrationservice/x?after=1000', after: 1000 }, [rows]: body, unheardOf: 1 },
  gives: { rows: gives, more: true, statedNext: 1000 },
});

/** A page as the older base gives it: the bare array, and nothing more. */
export const bare = (body: readonly unknown[], gives: readonly unknown[]): WireAnswer => ({ base: '1.1.0', body, gives: { rows: gives, more: false } });
