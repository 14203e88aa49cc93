/** Points at which a test can kill the process. */
export const faultPointNames = ['accepted-before-signal', 'intent-before-call', 'call-before-outcome', 'commit-before-complete', 'during-merge', 'report-page'] as const;

/**
 * For tests of recovery: `HUB_FAULT_POINT=<name>` or `<name>:<n>` makes the process end itself with SIGKILL at the n-th pass of that point.
 * Without it nothing ever happens. Throws for a name that there is not, so that a test cannot pass by a typing error.
 */
export function createFaultPoint(setting: string | undefined, kill: () => void): (name: string) => Promise<void> {
  if (setting === undefined || setting === '') return () => Promise.resolve();
  const [wanted, count = '1'] = setting.split(':');
  if (!faultPointNames.some((name) => name === wanted)) throw new Error(`HUB_FAULT_POINT has to be one of ${faultPointNames.join(', ')}, with :<n> for the n-th pass.`);
  let left = Number(count);
  return async (name) => {
    if (name !== wanted) return;
    left -= 1;
    if (left !== 0) return;
    kill();
    await new Promise<never>(() => undefined);
  };
}
