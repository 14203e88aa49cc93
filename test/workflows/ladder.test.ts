import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HubError } from '../../domain/errors.ts';
import type { CommandAnswer } from '../../workflows/message-types.ts';
import { attributeKeys } from '../../workflows/search-attributes.ts';
import { detailsOf } from '../support/current-details.ts';
import { startTestHub, type TestHub } from '../support/test-hub.ts';
import { waitFor } from '../support/wait-for.ts';

const ladderMs = [300, 600, 1_200];

describe('the retry ladder', () => {
  let hub: TestHub;
  let attempts: number[] = [];
  let records = 0;
  let answer: () => void = () => undefined;

  beforeAll(async () => {
    hub = await startTestHub({ settings: { retryLadderMs: ladderMs } });
    hub.fake.before = (operation) => {
      if (operation !== 'deliver') return;
      attempts.push(Date.now());
      answer();
    };
  });

  beforeEach(() => {
    attempts = [];
    answer = () => undefined;
  });

  afterAll(async () => {
    await hub.close();
  });

  const connector = (id: string) => hub.db.selectFrom('connector').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const calls = (id: string) => hub.db.selectFrom('call_attempt').selectAll().where('connector_id', '=', id).orderBy('id').execute();
  const pending = async (id: string) => (await hub.db.selectFrom('delivery').select('record_id').where('connector_id', '=', id).where('state', '=', 'pending').execute()).length;
  const waits = () => attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));

  /** One record that has to go to the connector, and a wake. */
  async function raise(id: string): Promise<void> {
    records += 1;
    const { id: recordId } = await hub.db.insertInto('record').values({
      account_id: 'main', data_type: 'contacts', canonical: JSON.stringify({ email: `r${records}@people.example` }), provenance: '[]',
    }).returning('id').executeTakeFirstOrThrow();
    await hub.db.insertInto('delivery').values({ account_id: 'main', connector_id: id, data_type: 'contacts', record_id: recordId, target: '', wanted: 1, delivered: 0, failures: 0, lane: 1, state: 'pending' }).execute();
    hub.deps.waker.wake('deliver', id);
  }

  const unavailable = () => {
    throw new HubError('PLATFORM_ERROR', 'POST /contacts: the platform answered with an internal error (503).', { status: 503, operation: 'POST /contacts' });
  };
  const unreachable = (): never => {
    throw new HubError('PLATFORM_UNREACHABLE', 'POST /contacts: the platform could not be reached.', { operation: 'POST /contacts' });
  };

  it('waits longer after each failure, keeps every unsuccessful call, and is ok again after a success', async () => {
    await hub.startLive('climbs');
    answer = () => (attempts.length <= 2 ? unreachable() : undefined);
    await raise('climbs');
    await waitFor(async () => (await connector('climbs')).health_out === 'holding');
    await waitFor(async () => (await pending('climbs')) === 0);
    expect(attempts).toHaveLength(3);
    waits().forEach((wait, index) => expect(wait).toBeGreaterThanOrEqual((ladderMs[index] ?? 0) * 0.9));
    expect(await calls('climbs')).toEqual([1, 2].map((attempt) => expect.objectContaining({
      direction: 'out', operation: 'POST /contacts', attempt, code: 'PLATFORM_UNREACHABLE', workflow_id: 'deliver/climbs', state: 'resolved',
    })));
    expect(await connector('climbs')).toMatchObject({ health_out: 'ok', health_out_reason: null, health_in: 'ok' });
    expect(await hub.db.selectFrom('hold').selectAll().where('credential_key', '=', 'key of climbs').execute()).toEqual([]);
    await waitFor(async () => (await hub.lifecycle('climbs').describe()).typedSearchAttributes.get(attributeKeys.syncState) === 'live');
  });

  it('obeys Retry-After, and a 429 does not climb', async () => {
    await hub.startLive('limited');
    answer = () => {
      if (attempts.length <= 3) throw new HubError('PLATFORM_RATE_LIMITED', undefined, { status: 429, retryAfterMs: 700 });
    };
    await raise('limited');
    await waitFor(async () => (await pending('limited')) === 0);
    expect(waits().every((wait) => wait >= 700)).toBe(true);
    const kept = await calls('limited');
    expect(kept.map((call) => call.status)).toEqual([429, 429, 429]);
    expect((await hub.db.selectFrom('hold').selectAll().where('credential_key', '=', 'key of limited').execute())).toEqual([]);
  });

  it('stops at the end of the ladder with everything kept, says what to do, and goes on at once when told to', async () => {
    await hub.startLive('ends');
    answer = unreachable;
    await raise('ends');
    await waitFor(async () => (await connector('ends')).health_out === 'needsOperator', { timeoutMs: 20_000 });
    expect(attempts).toHaveLength(ladderMs.length + 1);
    expect((await connector('ends')).health_out_reason).toMatch(/could not be reached\. Nothing to do: it is tried again\. If it lasts, check its address/);
    expect(await pending('ends')).toBe(1);
    const open = await calls('ends');
    expect(open.map((call) => [call.state, call.next_attempt_at === null])).toEqual([['open', false], ['open', false], ['open', false], ['open', true]]);
    const deliver = hub.client.workflow.getHandle('deliver/ends');
    await waitFor(async () => (await detailsOf(deliver)).includes('needs an operator'));
    expect(await detailsOf(deliver)).toContain('`retryFailed`');
    await waitFor(async () => (await hub.lifecycle('ends').describe()).typedSearchAttributes.get(attributeKeys.syncState) === 'needsOperator');
    expect((await deliver.describe()).typedSearchAttributes.get(attributeKeys.syncState)).toBe('needsOperator');

    await raise('ends');
    await hub.lifecycle('ends').executeUpdate<CommandAnswer, []>('resume');
    expect(attempts).toHaveLength(ladderMs.length + 1);

    answer = () => undefined;
    await hub.lifecycle('ends').executeUpdate<CommandAnswer, [object]>('retryFailed', { args: [{}] });
    await waitFor(async () => (await pending('ends')) === 0);
    expect(await connector('ends')).toMatchObject({ health_out: 'ok' });
  });

  it('needs an operator at once when the login is refused, for every connector with that login', async () => {
    await hub.startLive('login-1', { credentialKey: 'one login' });
    await hub.startLive('login-2', { credentialKey: 'one login' });
    answer = () => {
      throw new HubError('PLATFORM_LOGIN_REFUSED', undefined, { status: 401 });
    };
    await raise('login-1');
    await waitFor(async () => (await connector('login-2')).health_out === 'needsOperator');
    expect(attempts).toHaveLength(1);
    expect((await connector('login-1')).health_out_reason).toContain('hub connector set');
    await raise('login-2');
    await waitFor(async () => (await detailsOf(hub.client.workflow.getHandle('deliver/login-2'))).includes('needs an operator'));
    expect(attempts).toHaveLength(1);
  });

  it('climbs one ladder for all workflows of a login: what fails meanwhile joins the wait', async () => {
    await hub.startLive('shared-1', { credentialKey: 'shared login' });
    await hub.startLive('shared-2', { credentialKey: 'shared login' });
    answer = unreachable;
    await raise('shared-1');
    await waitFor(async () => (await connector('shared-2')).health_out === 'holding');
    await raise('shared-2');
    const hold = () => hub.db.selectFrom('hold').selectAll().where('credential_key', '=', 'shared login').executeTakeFirst();
    await waitFor(async () => ((await hold())?.step ?? 0) >= 2);
    expect(attempts.length).toBeLessThanOrEqual(4);
    answer = () => undefined;
    await waitFor(async () => (await pending('shared-1')) + (await pending('shared-2')) === 0);
    expect(await hold()).toBeUndefined();
  });

  it('is over when nothing is left to send', async () => {
    await hub.startLive('skipped');
    answer = unreachable;
    await raise('skipped');
    await waitFor(async () => (await connector('skipped')).health_out === 'holding');
    await hub.db.updateTable('delivery').set({ state: 'skipped' }).where('connector_id', '=', 'skipped').execute();
    await waitFor(async () => (await connector('skipped')).health_out === 'ok');
    expect((await calls('skipped')).every((call) => call.state === 'resolved')).toBe(true);
  });

  it('ends a wait in progress when told to retry, and when told to pause', async () => {
    const slow = await startTestHub({ settings: { retryLadderMs: [3_600_000] } });
    try {
      const seen: string[] = [];
      let isDown = true;
      slow.fake.before = (operation) => {
        if (operation !== 'readPage') return;
        seen.push(operation);
        if (isDown) unavailable();
      };
      await slow.startLive('waits');
      await slow.pull('waits', 'contacts');
      await waitFor(async () => (await slow.db.selectFrom('connector').select('health_in').executeTakeFirstOrThrow()).health_in === 'holding');
      const [pull] = await waitFor(async () => {
        const found = [];
        for await (const one of slow.client.workflow.list({ query: "WorkflowType = 'pull' AND ExecutionStatus = 'Running'" })) found.push(one.workflowId);
        return found.length === 1 && found;
      });
      isDown = false;
      await slow.lifecycle('waits').executeUpdate<CommandAnswer, [object]>('retryFailed', { args: [{}] });
      await expect(slow.client.workflow.getHandle(pull ?? '').result()).resolves.toMatchObject({ rows: 0 });
      expect(seen.length).toBeGreaterThanOrEqual(2);

      isDown = true;
      await slow.client.workflow.start('backfill', { workflowId: 'by-hand', taskQueue: 'hub', args: [{ connectorId: 'waits', dataType: 'contacts', from: '2026-11-01' }] });
      await waitFor(async () => (await slow.db.selectFrom('connector').select('health_in').executeTakeFirstOrThrow()).health_in === 'holding');
      await slow.lifecycle('waits').executeUpdate<CommandAnswer, []>('pause');
      await waitFor(async () => {
        const [slice] = await slow.db.selectFrom('slice').select('from_at').execute();
        return (await detailsOf(slow.client.workflow.getHandle(`backfill/waits/contacts/${slice?.from_at}`))).includes('paused');
      });
      isDown = false;
      await slow.lifecycle('waits').executeUpdate<CommandAnswer, []>('resume');
      await slow.lifecycle('waits').executeUpdate<CommandAnswer, [object]>('retryFailed', { args: [{}] });
      await slow.client.workflow.getHandle('by-hand').result();
    } finally {
      await slow.close();
    }
  });
});
