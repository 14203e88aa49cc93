import { z } from 'zod';
import { startChild, type Child } from './child.ts';

const readySchema = z.object({ url: z.string(), controlUrl: z.string() });

/** A sandbox server in a process of its own, with its control side. */
export interface Sandbox {
  readonly process: Child;
  readonly url: string;
  get(path: string): Promise<unknown>;
  send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
}

/** Starts the sandbox of a platform. */
export async function startSandbox(platform: 'mailplus' | 'coins'): Promise<Sandbox> {
  const process = await startChild({ script: `sandbox/${platform}/main.js` });
  const { url, controlUrl } = readySchema.parse(JSON.parse(process.ready));
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${controlUrl}${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The sandbox of ${platform} answered ${answer.status} to ${method} ${path}: ${text.slice(0, 200)}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return { process, url, get: (path) => call('GET', path), send: call };
}

const counters = z.record(z.string(), z.object({ calls: z.number() }));

/** Calls of one operation since the last reset of the sandbox. */
export async function callsOf(sandbox: Sandbox, operation: string): Promise<number> {
  return counters.parse(await sandbox.get('/counters'))[operation]?.calls ?? 0;
}
