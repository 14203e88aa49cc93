import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ownEnvironment, places } from './places.ts';

const execute = promisify(execFile);

/**
 * Runs `npx hub …` as anyone would, with `--json`, and returns its answer. Throws an Error with what the command wrote when it fails.
 */
export async function hubCommand<Answer>(args: readonly string[]): Promise<Answer> {
  try {
    const { stdout } = await execute(process.execPath, [places.commandLine, '--json', ...args], {
      cwd: places.home, env: ownEnvironment({ HUB_HOME: places.home }), maxBuffer: 16_000_000,
    });
    return JSON.parse(stdout) as Answer;
  } catch (error) {
    const wrote = error instanceof Error && 'stdout' in error && 'stderr' in error ? `${String(error.stdout)}${String(error.stderr)}`.trim() : String(error);
    throw new Error(`hub ${args.join(' ')}\n${wrote}`, { cause: error });
  }
}
