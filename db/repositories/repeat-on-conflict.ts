/** Thrown inside a transaction whose look was overtaken by another one: roll back and look again. */
export class StaleLook extends Error {
  override readonly name = 'StaleLook';
}

const conflictCodes = new Set(['40001', '40P01', '23505']);

function isConflict(error: unknown): boolean {
  return error instanceof StaleLook || (error instanceof Error && 'code' in error && conflictCodes.has(String(error.code)));
}

/**
 * Repeats a transaction that lost a race (deadlock, serialisation, an overtaken look), within milliseconds and never on the ladder.
 * Gives up after `attempts` and throws the last error.
 */
export async function repeatOnConflict<T>(work: () => Promise<T>, attempts = 12): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2 ** Math.min(attempt, 7) * (0.5 + Math.random())));
    }
  }
}
