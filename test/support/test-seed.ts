/** The seed of this run (HUB_TEST_SEED), printed when it starts: give it to fast-check and to every random choice of a test. */
export function testSeed(): number {
  return Number(process.env['HUB_TEST_SEED'] ?? 1);
}
