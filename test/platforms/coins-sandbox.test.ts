import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fields } from '../../domain/model/fields.ts';
import type { SourceRow } from '../../domain/model/source-record.ts';
import { readInbox } from '../../platforms/coins/inbox.ts';
import { coins } from '../../platforms/coins/index.ts';
import { receive } from '../../platforms/coins/receive.ts';
import { prospectStream } from '../../platforms/coins/streams.ts';
import type { DeliveryItem, PlatformContext, Window } from '../../platforms/platform.ts';
import { startCoinsSandbox } from '../../sandbox/coins/index.ts';
import type { CoinsSandbox } from '../../sandbox/coins/index.ts';
import { generateDataset } from '../../sandbox/dataset/index.ts';
import { card, contextFor, failureOf, inbound, listSync, now } from './coins-support.ts';

const seed = 20261121;
const always: Window = { from: '2000-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' };

let sandbox: CoinsSandbox;
let context: PlatformContext;

async function start(options: Parameters<typeof startCoinsSandbox>[0] = {}): Promise<void> {
  sandbox = await startCoinsSandbox({ now: () => Date.parse(now), ...options });
  context = { ...contextFor(sandbox.url), credentials: { apiToken: sandbox.token } };
}

beforeEach(() => start({ prospects: [{ ...card(), prospectId: 'P1' }, { ...card(), prospectId: 'P2' }] }));
afterEach(() => sandbox.close());

function item(externalId: string, changes: Fields, permissionDates: DeliveryItem['permissionDates'] = {}): DeliveryItem {
  return { externalId, isNew: false, changes, permissionDates, identity: {} };
}

const deliver = (...items: DeliveryItem[]) => coins.deliver?.(context, 'contacts', items);
const activity = { externalId: 'A-1', type: 'email.sent', at: '2026-11-20T10:00:00.000Z', description: '' };
const act = (target: string, payload: object = activity) => coins.act?.(context, { id: 1, kind: 'activity.create', target, cause: 'A-1', payload });

async function readAll(): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  let token: string | undefined;
  do {
    const page = await coins.readPage?.(context, prospectStream, always, token);
    rows.push(...(page?.rows ?? []));
    token = page?.nextPageToken;
  } while (token !== undefined);
  return rows;
}

describe('With the sandbox Coins', () => {
  it('the connection is checked', async () => {
    expect(await coins.checkConnection(context)).toMatchObject({ notes: [expect.stringContaining('only a list sync')] });
    const wrong = { ...context, credentials: { apiToken: 'wrong' } };
    expect(await failureOf(() => coins.checkConnection(wrong))).toMatchObject({ code: 'PLATFORM_LOGIN_REFUSED' });
  });

  it('a profile edit and a permission arrive on the card, and a repeat changes nothing', async () => {
    const edit = item('P1', { forename: 'Ann', 'address.town': 'Leeds', 'consent:EMAIL_MKT': false }, { 'consent:EMAIL_MKT': '2026-11-20T10:00:00.000Z' });
    expect(await deliver(edit)).toEqual([{ kind: 'stored' }]);
    expect(await deliver(edit)).toEqual([{ kind: 'stored' }]);
    expect(sandbox.state.cards.require('P1')).toMatchObject({ forename: 'Ann', surname: 'Hill', address: { town: 'Leeds', country: 'GB' } });
    expect(sandbox.state.cards.require('P2')).toMatchObject({ forename: 'Anna' });
    expect(sandbox.state.journal.counts).toMatchObject({ permissionFlips: 1, prospectPatches: 2, prospectPatchesUnchanged: 1 });
  });

  it('what was delivered is read back as held', async () => {
    const changes = { forename: 'Ann', mobile: '', 'address.postcode': 'LS1 4AP', 'consent:SMS_MKT': true };
    await deliver(item('P1', changes, { 'consent:SMS_MKT': '2026-11-20T10:00:00.000Z' }));
    expect((await coins.readRecords?.(context, 'contacts', ['P1']))?.rows[0]?.held).toMatchObject(changes);
  });

  it('a value that Coins refuses names its field', async () => {
    expect(await deliver(item('P1', { surname: 'x'.repeat(61) }), item('P1', { 'consent:POST': false })))
      .toMatchObject([{ kind: 'refused', code: 'RECORD_REFUSED', field: 'surname' }, { kind: 'refused', field: 'code' }]);
  });

  it('an activity is written once, however often it is sent', async () => {
    expect(await act('P1')).toEqual({ kind: 'done' });
    expect(await act('P1')).toEqual({ kind: 'done' });
    expect(sandbox.state.activities.of('P1')).toMatchObject([{ externalId: 'A-1', type: 'email.sent', description: 'Email was sent' }]);
    expect(sandbox.state.journal.counts).toMatchObject({ activitiesStored: 1, activitiesRepeated: 1, activitiesDoubled: 0 });
  });

  it('merged prospects are followed by deliveries, activities and reads', async () => {
    sandbox.state.merge('P1', 'P2');
    expect(await deliver(item('P1', { forename: 'Ann' }), item('P3', { forename: 'Ann' }))).toMatchObject([{ kind: 'moved', mergedInto: 'P2' }, { kind: 'refused', code: 'RECORD_GONE' }]);
    expect(await act('P1')).toEqual({ kind: 'moved', mergedInto: 'P2' });
    expect(await coins.readRecords?.(context, 'contacts', ['P1', 'P3'])).toMatchObject({ mergedInto: { P1: 'P2' }, rows: [{ externalId: 'P2' }, { externalId: 'P3', deleted: true }] });
  });

  it.each([
    ['html-500', 'PLATFORM_ERROR'], ['rate-limit', 'PLATFORM_RATE_LIMITED'], ['reset-before', 'PLATFORM_RESET'], ['reset-after', 'PLATFORM_RESET'], ['half-body', 'PLATFORM_RESET'],
  ] as const)('the fault %s is %s, and the next try succeeds without a second effect', async (kind, code) => {
    sandbox.addFault({ kind });
    expect(await failureOf(() => act('P1'))).toMatchObject({ code });
    expect(await act('P1')).toEqual({ kind: 'done' });
    expect(sandbox.state.journal.counts).toMatchObject({ activitiesStored: 1, activitiesDoubled: 0 });
  });

  it('a call ends at once when the work is cancelled', async () => {
    sandbox.addFault({ kind: 'slow', delayMs: 60_000 });
    const stop = new AbortController();
    context = { ...context, signal: stop.signal };
    const call = failureOf(() => act('P1'));
    stop.abort(new Error('stopped'));
    expect(await call).toMatchObject({ message: 'stopped' });
  });
});

describe('The data of the demo', () => {
  const data = generateDataset({ seed, prospects: 3_000 });
  const { expected } = data;
  const pages = [...data.listPages(500)];

  it('are rejected, kept and told apart as the oracle says that the wire does', () => {
    const contents = pages.map((page) => {
      const event = receive(context, inbound(listSync({ ...page })));
      return { rejected: event.rejected, rows: readInbox(context, event.kind, event.payload, now).rows };
    });
    const rejections = contents.flatMap(({ rejected }) => rejected).map(({ externalId, code }) => `${externalId} ${code}`);
    expect(rejections.sort()).toEqual(expected.rejections.map(({ prospectId, reason }) => `${prospectId} ${reason === 'invalid' ? 'RECORD_INVALID' : 'NO_MATCH_KEY'}`).sort());
    const rows = contents.flatMap((content) => content.rows);
    expect(rows).toHaveLength(expected.prospectsAccepted);
    expect(new Set(rows.flatMap(({ canonical }) => canonical['email'] ?? []))).toEqual(new Set(expected.peopleByEmail.keys()));
    expect(rows.filter(({ canonical }) => canonical['email'] === undefined).map(({ externalId }) => externalId).sort()).toEqual([...expected.excludedIds].sort());
  });

  it('are read from the list as they were received', async () => {
    await sandbox.close();
    await start({ prospects: data.prospects });
    const received = pages.flatMap((page) => {
      const event = receive(context, inbound(listSync({ ...page })));
      return readInbox(context, event.kind, event.payload, now).rows;
    });
    const read = new Map((await readAll()).map((row) => [row.externalId, row]));
    expect(received.every((row) => read.has(row.externalId))).toBe(true);
    for (const row of received.slice(0, 300)) expect(read.get(row.externalId)).toEqual(row);
  });
});
