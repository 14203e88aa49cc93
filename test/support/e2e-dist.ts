import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this project. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Folders that `npm run build` compiles and that the processes of an end-to-end test run from. */
const compiled = ['domain', 'platforms', 'db', 'activities', 'workflows', 'workers', 'gateway', 'cli', 'config', 'embedded', 'sandbox'];

/** What the build writes last. */
const bundle = join(projectRoot, 'dist', 'workflows', 'bundle.js');

/** Path of a compiled module, as `workers/main.js`. */
export function distFile(path: string): string {
  return join(projectRoot, 'dist', path);
}

/** Errors: Error with what to run when there is no build, or when it is older than one of its sources. */
export function requireFreshBuild(): void {
  if (!existsSync(bundle)) throw new Error('End-to-end tests run the built program and there is none: run `npm run build`.');
  const builtMs = statSync(bundle).mtimeMs;
  const newer = compiled.flatMap((folder) => sourcesIn(join(projectRoot, folder))).find((file) => statSync(file).mtimeMs > builtMs);
  if (newer !== undefined) throw new Error(`End-to-end tests run the built program, and it is older than ${newer.slice(projectRoot.length)}: run \`npm run build\`.`);
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
}
