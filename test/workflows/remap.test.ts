import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inAccount } from '../../db/database.ts';
import { beginMappingRun, connectorsToRemap, findMappingRun } from '../../db/repositories/mapping/mapping-runs.ts';
import { startRemap } from '../../activities/start-remap.ts';
import { taskQueue, workflowIds, workflowTypes } from '../../workflows/ids.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startTestHub();
  await hub.startLive('fake-1');
});
afterAll(() => hub.close());

const begin = () => inAccount(hub.db, 'main', (trx) => beginMappingRun(trx, { accountId: 'main', connectorId: 'fake-1', before: null }));
const handle = () => hub.client.workflow.getHandle(workflowIds.remap('fake-1'));
const isDone = async () => (await findMappingRun(hub.db, 'fake-1'))?.state === 'done';
const sweep = () => hub.client.workflow.execute(workflowTypes.sweep, { workflowId: 'sweep/test', taskQueue });

describe('a changed mapping', () => {
  it('is brought to what is stored by one workflow, and is in the audit when it is done', async () => {
    await begin();
    await startRemap(hub.client, 'fake-1');
    await startRemap(hub.client, 'fake-1');
    await handle().result();
    expect([await isDone(), await connectorsToRemap(hub.db)]).toEqual([true, []]);
    const entries = await hub.db.selectFrom('audit').select(['what', 'who', 'connector_id']).where('what', '=', 'mapping.applied').execute();
    expect(entries).toEqual([{ what: 'mapping.applied', who: 'hub', connector_id: 'fake-1' }]);
  });

  it('has nothing to do where nothing was changed', async () => {
    await startRemap(hub.client, 'fake-1');
    await handle().result();
    expect(await isDone()).toBe(true);
  });

  it('is begun by the sweep when it was not started', async () => {
    await begin();
    expect(await sweep()).toMatchObject({ remaps: 1 });
    await waitFor(isDone);
    expect(await sweep()).toMatchObject({ remaps: 0 });
  });

  it('goes on after its worker was stopped, and again when it was changed meanwhile', async () => {
    await hub.stopWorker();
    await begin();
    await startRemap(hub.client, 'fake-1');
    await begin();
    await hub.startWorker();
    await waitFor(isDone);
    await handle().result();
  });
});
