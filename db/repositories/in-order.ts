/** What PostgreSQL says to all statements of a transaction after the one that failed. */
const transactionFailed = '25P02';

/**
 * Waits for statements of one transaction that do not need one another's results. They are begun in their order and carried out in it, and
 * in a transaction of `inTransaction` sent without waiting for one another. When all have ended it throws the first error that is not
 * merely the consequence of another one: none is left that would run after the transaction.
 */
export async function inOrder(statements: readonly Promise<unknown>[]): Promise<void> {
  const errors = (await Promise.allSettled(statements)).flatMap((ended) => (ended.status === 'rejected' ? [ended.reason as unknown] : []));
  if (errors.length > 0) throw errors.find((error) => !isConsequence(error)) ?? errors[0];
}

const isConsequence = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === transactionFailed;

/** As `inOrder`, with what the statements gave. */
export async function allInOrder<const Statements extends readonly Promise<unknown>[]>(statements: Statements): Promise<{ -readonly [Index in keyof Statements]: Awaited<Statements[Index]> }> {
  await inOrder(statements);
  return Promise.all(statements);
}
