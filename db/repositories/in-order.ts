/**
 * Waits for statements of one transaction that do not need one another's results. They are begun in their order and carried out in it, but
 * built all at once, so that the database works on the first while the others are put together. Throws the first error when all have
 * ended: none is left that would run after the transaction.
 */
export async function inOrder(statements: readonly Promise<unknown>[]): Promise<void> {
  for (const ended of await Promise.allSettled(statements)) if (ended.status === 'rejected') throw ended.reason;
}

/** As `inOrder`, with what the statements gave. */
export async function allInOrder<const Statements extends readonly Promise<unknown>[]>(statements: Statements): Promise<{ -readonly [Index in keyof Statements]: Awaited<Statements[Index]> }> {
  await inOrder(statements);
  return Promise.all(statements);
}
