import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

/** Makes `dist/workflows/bundle.js` from the compiled workflows: workers then start without bundling. Part of `npm run build`. */
const compiled = fileURLToPath(new URL('../dist/workflows/index.js', import.meta.url));
const target = fileURLToPath(new URL('../dist/workflows/bundle.js', import.meta.url));
const quiet = { trace() {}, debug() {}, info() {}, log() {}, warn: (message) => process.stderr.write(`${message}\n`), error: (message) => process.stderr.write(`${message}\n`) };

const { code } = await bundleWorkflowCode({ workflowsPath: compiled, logger: quiet });
await writeFile(target, code);
process.stdout.write(`Workflow bundle: ${Math.round(code.length / 1024)} KiB\n`);
