import { expect } from '@jest/globals';
import type { InboundRequest } from '../../../../platforms/platform.ts';
import type { PlatformHarness } from '../harness.ts';
import { people, personalWords } from '../person.ts';
import { check, type Check } from './check.ts';
import { expectSoundRow } from './read-checks.ts';

const receivedAt = '2026-01-20T10:00:00.000Z';

/** Requests from source systems. */
export function receiveChecks({ platform, inbound, idOf }: PlatformHarness): readonly Check[] {
  const { receive, readInbox } = platform;
  if (receive === undefined || readInbox === undefined || inbound === undefined) return [];
  const five = people(5);
  return [
    check('takes the same request for the same event, and touches nothing of it', (subject) => {
      const context = subject.context();
      const request = requestOf(inbound.rows(five));
      const before = structuredClone(request.body);
      const event = receive(context, request);
      const data = (one: unknown): unknown => JSON.parse(JSON.stringify(one));
      expect(data(receive(context, { ...request, body: structuredClone(before) }))).toEqual(data(event));
      expect(request.body).toEqual(before);
      expect(event.answer.status).toBe(202);
      expect(event.rejected).toEqual([]);
    }),
    check('gives another key to another page of the same sync', (subject) => {
      const keys = [1, 2, 3].map((page) => receive(subject.context(), requestOf(inbound.rows(five, page))).key);
      expect(new Set(keys).size).toBe(3);
    }),
    check('reads from the inbox what it received, after it was stored as JSON', (subject) => {
      const context = subject.context();
      const { kind, payload } = receive(context, requestOf(inbound.rows(five)));
      const content = readInbox(context, kind, JSON.parse(JSON.stringify(payload)), receivedAt);
      expect(content.rows.map(({ externalId }) => externalId)).toEqual(five.map(({ number }) => idOf(number)));
      for (const row of content.rows) expectSoundRow(row);
      expect(readInbox(context, kind, payload, receivedAt)).toEqual(content);
    }),
    check('rejects single rows that are wrong, with a reason that names nobody, and takes the others', (subject) => {
      const { rejected, kind, payload } = receive(subject.context(), requestOf(inbound.rows(five, 1, [42, inbound.wrongRow, inbound.namelessRow])));
      expect(rejected.length).toBe(3);
      for (const { reason } of rejected) expect(personalWords.filter((word) => reason.toLowerCase().includes(word))).toEqual([]);
      expect(readInbox(subject.context(), kind, payload, receivedAt).rows.length).toBe(5);
    }),
    check('refuses a request that it does not understand, and says which field is wrong', async (subject) => {
      const context = subject.context();
      const right = requestOf(inbound.rows(five));
      const wrong: readonly InboundRequest[] = [
        ...[undefined, null, 42, 'text', [], {}].map((body) => ({ ...right, body, rawBody: Buffer.from(JSON.stringify(body) ?? '') })),
        { ...right, headers: {} }, { ...right, method: 'PATCH' }, { ...right, path: '/nowhere' }, { ...right, path: '/lists/%E0%A4%A', method: 'DELETE' },
      ];
      for (const request of wrong) {
        const error = await subject.witness.failure(() => receive(context, request));
        expect(['REQUEST_INVALID', 'NOT_FOUND']).toContain(error.code);
        expect(error.recovery).toBe('refused');
      }
    }),
  ];
}

/** A request as the gateway hands it over, its body frozen. */
function requestOf({ path, headers, body }: { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }): InboundRequest {
  return { id: 'request-1', method: 'POST', path, headers, body, rawBody: Buffer.from(JSON.stringify(body)), receivedAt };
}
