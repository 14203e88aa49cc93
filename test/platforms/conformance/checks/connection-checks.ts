import { createServer } from 'node:net';
import { expect } from '@jest/globals';
import { answers } from '../../../support/hostile-source.ts';
import { errorOf, suiteItems } from '../calls.ts';
import type { PlatformHarness } from '../harness.ts';
import { suiteWindow } from '../person.ts';
import { smallPageSize } from '../subject.ts';
import { check, type Check } from './check.ts';

/** Login and reach. */
export function connectionChecks({ platform, wire, wrongCredentials }: PlatformHarness): readonly Check[] {
  return [
    check('finds the connection in order and says what a person should know', async (subject) => {
      const { notes } = await platform.checkConnection(subject.context());
      for (const note of notes) expect(note).toMatch(/\.$/);
    }),
    check('says that the credentials are refused, for a check, a read and a write', async (subject) => {
      const context = subject.context({ credentials: wrongCredentials });
      const { readPage, readRecords, deliver } = platform;
      const calls = [
        () => platform.checkConnection(context),
        readPage && (() => readPage(context, wire.stream, suiteWindow, undefined)),
        readRecords && (() => readRecords(context, 'contacts', [subject.harness.idOf(1)])),
        deliver && (() => deliver(context, 'contacts', suiteItems(subject, [1]))),
      ];
      for (const call of calls.filter((one) => one !== undefined)) {
        expect(errorOf(await subject.witness.failure(call))).toEqual({ code: 'PLATFORM_LOGIN_REFUSED', recovery: 'authorisation' });
      }
    }),
    check('says that the platform cannot be reached, and that it is tried again', async (subject) => {
      const context = subject.context({ settings: { baseUrl: `http://127.0.0.1:${await freePort()}` } });
      for (const call of [() => platform.checkConnection(context), () => platform.deliver?.(context, 'contacts', suiteItems(subject, [1]))]) {
        const error = await subject.witness.failure(call);
        expect(errorOf(error)).toEqual({ code: 'PLATFORM_UNREACHABLE', recovery: 'retry' });
        expect(error.fix).toContain('address in the settings');
      }
    }),
    check('says that an address is wrong, and not that everything is gone', async (subject) => {
      subject.hostile.play(answers(404, '<html><body>Not found</body></html>', { 'content-type': 'text/html' }));
      const elsewhere = { settings: { baseUrl: `${subject.stand.baseUrl}/elsewhere` } };
      for (const context of [subject.hostileContext(), subject.context(elsewhere)]) {
        const { readRecords } = platform;
        const calls = [() => platform.checkConnection(context), readRecords && (() => readRecords(context, 'contacts', [subject.harness.idOf(1)]))];
        for (const call of calls.filter((one) => one !== undefined)) expect(['configuration', 'retry']).toContain((await subject.witness.failure(call)).recovery);
      }
    }),
    check('takes a token from the bucket for each call that goes out', async (subject) => {
      const context = subject.hostileContext();
      subject.acquired = 0;
      await platform.checkConnection(context);
      await platform.readPage?.(context, { ...wire.stream, pageSize: smallPageSize }, suiteWindow, undefined);
      await platform.readRecords?.(context, 'contacts', [1, 2].map(subject.harness.idOf));
      await platform.deliver?.(context, 'contacts', suiteItems(subject, [1]));
      expect(subject.hostile.arrivals.length).toBeGreaterThan(0);
      expect(subject.acquired).toBe(subject.hostile.arrivals.length);
    }),
    check('makes no call when the bucket refuses, or when it was cancelled before', async (subject) => {
      const refused = subject.hostileContext({ acquire: () => Promise.reject(new Error('the bucket is closed')) });
      await expect(platform.checkConnection(refused)).rejects.toThrow('the bucket is closed');
      const cancelled = subject.hostileContext({ signal: AbortSignal.abort(new Error('cancelled before')) });
      await expect(platform.checkConnection(cancelled)).rejects.toThrow('cancelled before');
      expect(subject.hostile.arrivals).toEqual([]);
    }),
    check('puts no credential into an address', async (subject) => {
      const context = subject.hostileContext();
      await platform.checkConnection(context);
      await platform.readPage?.(context, wire.stream, suiteWindow, undefined);
      const addresses = subject.hostile.arrivals.map(({ url }) => url.href);
      expect(addresses.filter((address) => subject.harness.secrets.some((secret) => address.includes(secret)))).toEqual([]);
    }),
  ];
}

/** A port on which nobody listens. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
