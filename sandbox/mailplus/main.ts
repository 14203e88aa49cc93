import { parseArgs } from 'node:util';
import { startMailplusSandbox } from './index.ts';

/** Runs the sandbox as a process: prints one line of JSON with its addresses when ready, ends on SIGTERM and SIGINT. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'control-port': { type: 'string' },
      key: { type: 'string' },
      secret: { type: 'string' },
      'external-id-field': { type: 'string' },
      'latency-ms': { type: 'string' },
    },
  });
  const setting = (flag: keyof typeof values, variable: string, fallback: string): string =>
    values[flag] ?? process.env[`MAILPLUS_SANDBOX_${variable}`] ?? fallback;
  const sandbox = await startMailplusSandbox({
    port: Number(setting('port', 'PORT', '0')),
    controlPort: Number(setting('control-port', 'CONTROL_PORT', '0')),
    latencyMs: Number(setting('latency-ms', 'LATENCY_MS', '0')),
    credentials: [{
      key: setting('key', 'KEY', 'sandbox-key'),
      secret: setting('secret', 'SECRET', 'sandbox-secret'),
      externalIdField: setting('external-id-field', 'EXTERNAL_ID_FIELD', 'externalId'),
    }],
  });
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

await main();
