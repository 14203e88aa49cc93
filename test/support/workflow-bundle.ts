import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'dist', 'workflows', 'bundle.js');

let bundle: Promise<{ code: string }> | undefined;

/** The bundle of the workflows: the built one when it is newer than every source of it, else made here (two seconds). */
export function testWorkflowBundle(): Promise<{ code: string }> {
  bundle ??= isFresh() ? Promise.resolve({ code: readFileSync(built, 'utf8') }) : bundleWorkflowCode({ workflowsPath: join(root, 'workflows', 'index.ts'), logger: quiet });
  return bundle;
}

const quiet = { trace: () => undefined, debug: () => undefined, info: () => undefined, log: () => undefined, warn: console.warn, error: console.error };

function isFresh(): boolean {
  if (!existsSync(built)) return false;
  const builtAt = statSync(built).mtimeMs;
  return [join(root, 'workflows'), join(root, 'domain', 'presets')].every((folder) => readdirSync(folder).every((file) => statSync(join(folder, file)).mtimeMs < builtAt));
}
