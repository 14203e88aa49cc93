import { untilStopped } from '../until-stopped.ts';
import { fillSample } from './control/sample.ts';
import { readFlags, usage } from './flags.ts';
import { startMailplusSandbox } from './index.ts';

/** Runs the sandbox as a process: prints one line of JSON with its addresses when ready, ends on SIGTERM and SIGINT and with npm. */
async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2), process.env);
  if (flags === undefined) return void process.stdout.write(usage);
  const stopped = untilStopped();
  const sandbox = await startMailplusSandbox(flags.options);
  if (flags.sample) fillSample(sandbox.state);
  const { url, controlUrl, port, controlPort } = sandbox;
  process.stdout.write(`${JSON.stringify({ url, controlUrl, port, controlPort })}\n`);
  await stopped;
  await sandbox.close();
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
