/**
 * Prints `N passed, N failed` as the last line of standard output: test cases, a file that cannot run counts as one failed.
 * It is written as the process ends, after all that jest and the tear-down print. A run without a single test fails.
 */
export default class ClosingReporter {
  #ranNothing = false;

  onRunComplete(_testContexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    this.#ranNothing = results.numPassedTests + failed === 0;
    process.once('exit', () => {
      process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`);
      if (failed > 0 || this.#ranNothing) process.exitCode = process.exitCode || 1;
    });
  }

  /** Jest fails the run when a reporter has an error. */
  getLastError() {
    return this.#ranNothing ? new Error('No test ran.') : undefined;
  }
}
