import { parseArgs } from 'node:util';

import { streamProspects } from '../dataset/generate.ts';
import { untilStopped } from '../until-stopped.ts';
import { DEFAULT_TOKEN, startCoinsSandbox } from './start.ts';

const usage = `npm run sandbox:coins -- [options]

  --port <n>            port of the Coins API (a free one)
  --control-port <n>    port of the control side (a free one)
  --token <text>        token that the API takes (${DEFAULT_TOKEN})
  --latency-ms <n>      delay of every answer (0)
  --seed <n>            seed of the prospects (1)
  --prospects <n>       prospects at the start (0)
  --no-tasks            as if the licence had no tasks
`;

/**
 * Runs the Coins sandbox on its own. Prints one line of JSON with the addresses when it is ready; SIGTERM and SIGINT end it.
 * Options: --port, --control-port, --token, --latency-ms, --seed and --prospects (cards of the seeded data), --no-tasks.
 */
async function main(): Promise<void> {
  if (process.argv.includes('--help')) return void process.stdout.write(usage);
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      'control-port': { type: 'string', default: '0' },
      token: { type: 'string', default: DEFAULT_TOKEN },
      'latency-ms': { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      prospects: { type: 'string', default: '0' },
      'no-tasks': { type: 'boolean', default: false },
    },
  });
  const sandbox = await startCoinsSandbox({
    port: Number(values.port),
    controlPort: Number(values['control-port']),
    token: values.token,
    latencyMs: Number(values['latency-ms']),
    prospects: streamProspects(Number(values.seed), 0, Number(values.prospects)),
    settings: { tasksLicensed: !values['no-tasks'] },
  });
  const { url, controlUrl, port, controlPort } = sandbox;
  const stopped = untilStopped();
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
