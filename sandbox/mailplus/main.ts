import { parseArgs } from 'node:util';
import { startMailplusSandbox } from './index.ts';
import type { MailplusSandboxOptions } from './index.ts';

const flags = ['port', 'control-port', 'key', 'secret', 'external-id-field', 'latency-ms'] as const;

const usage = `npm run sandbox:mailplus -- [options]

  --port <n>                   port of the API (a free one)
  --control-port <n>           port of the control side (a free one)
  --key, --secret <text>       what requests are signed with (sandbox-key, sandbox-secret)
  --external-id-field <name>   field that this key's external id reads and writes (externalId)
  --latency-ms <n>             delay of every call (0)

Each can come from the environment instead: MAILPLUS_SANDBOX_PORT, MAILPLUS_SANDBOX_SECRET and so on.
`;

/** Reads `--flag value`, or `MAILPLUS_SANDBOX_FLAG` from the environment, which keeps a secret out of the process list. */
function readOptions(): MailplusSandboxOptions {
  const { values } = parseArgs({ options: Object.fromEntries(flags.map((flag) => [flag, { type: 'string' as const }])) });
  const setting = (flag: (typeof flags)[number], fallback: string): string => {
    const given = values[flag] ?? process.env[`MAILPLUS_SANDBOX_${flag.replaceAll('-', '_').toUpperCase()}`];
    return typeof given === 'string' ? given : fallback;
  };
  return {
    port: Number(setting('port', '0')),
    controlPort: Number(setting('control-port', '0')),
    latencyMs: Number(setting('latency-ms', '0')),
    credentials: [{
      key: setting('key', 'sandbox-key'),
      secret: setting('secret', 'sandbox-secret'),
      externalIdField: setting('external-id-field', 'externalId'),
    }],
  };
}

/** Runs the sandbox as a process: prints one line of JSON with its addresses when ready, ends on SIGTERM and SIGINT. */
async function main(): Promise<void> {
  if (process.argv.includes('--help')) return void process.stdout.write(usage);
  const sandbox = await startMailplusSandbox(readOptions());
  const { url, controlUrl, port, controlPort } = sandbox;
  process.stdout.write(`${JSON.stringify({ url, controlUrl, port, controlPort })}\n`);
  const end = (): void => {
    sandbox.close().catch(() => {
      process.exitCode = 1;
    });
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
