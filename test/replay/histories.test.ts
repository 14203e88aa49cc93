import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { workflowTypes } from '../../workflows/ids.ts';
import { testWorkflowBundle } from '../support/workflow-bundle.ts';

const directory = fileURLToPath(new URL('./histories/', import.meta.url));
const files = readdirSync(directory).filter((name) => name.endsWith('.json')).sort();
const read = (name: string) => readFileSync(`${directory}${name}`, 'utf8');

/** The error of a replay, or undefined when the workflow takes the recorded path. */
async function replay(json: string): Promise<Error | undefined> {
  const options = { workflowBundle: await testWorkflowBundle() };
  for await (const { error } of Worker.runReplayHistories(options, [{ workflowId: 'recorded', history: historyFromJSON(JSON.parse(json)) }])) return error;
  throw new Error('Nothing was replayed.');
}

describe('workflows of this version', () => {
  beforeAll(() => {
    Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { forward: {}, filter: 'OFF' } } });
  });

  it.each(files)('go on with what released versions began: %s', async (name) => {
    expect(await replay(read(name))).toBeUndefined();
  });

  it('are held to histories of every type', () => {
    const types = new Set(files.map((name) => name.split('-')[1]));
    expect([...types].toSorted((a, b) => (a ?? '').localeCompare(b ?? ''))).toEqual(Object.values(workflowTypes).toSorted((a, b) => a.localeCompare(b)));
  });

  it('go on with merges whose activity did not say yet whether more are left', async () => {
    const [name = ''] = files.filter((file) => read(file).includes('"mergeFor"'));
    let changed = 0;
    const older = read(name).replaceAll(/"data":"([A-Za-z0-9+/=]+)"/g, (whole, data: string) => {
      const text = Buffer.from(data, 'base64').toString('utf8');
      if (!/^\{"merged":\d+,"more":false\}$/.test(text)) return whole;
      changed += 1;
      return `"data":"${Buffer.from(text.replace(',"more":false', '')).toString('base64')}"`;
    });
    expect(changed).toBeGreaterThan(0);
    expect(await replay(older)).toBeUndefined();
  });

  it('that take another path are noticed', async () => {
    const [name = ''] = files.filter((file) => file.includes('-deliver-'));
    const error = await replay(read(name).replaceAll('"deliverPending"', '"deliverEverything"'));
    expect(error?.name).toBe('DeterminismViolationError');
  });
});

describe('recorded histories', () => {
  it.each(files)('hold no address, name of a machine or path: %s', (name) => {
    const decoded = read(name).replaceAll(/"data":"([A-Za-z0-9+/=]+)"/g, (_all, data: string) => Buffer.from(data, 'base64').toString('utf8'));
    const found = /[\w.+-]+@[\w-]+\.[\w.-]+|\/(?:work|home|root|tmp)\/|file:\/\//.exec(decoded);
    expect(found?.[0]).toBeUndefined();
  });
});
