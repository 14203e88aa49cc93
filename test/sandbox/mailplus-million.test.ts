import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMailplusSandbox } from '../../sandbox/mailplus/index.ts';
import type { MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { call, control, refusal } from './mailplus-caller.ts';

let sandbox: MailplusSandbox;
beforeEach(async () => {
  sandbox = await startMailplusSandbox();
});
afterEach(() => sandbox.close());

interface Recipients {
  readonly paging: { readonly after?: number };
  readonly recipients: readonly { readonly contactIdentifier: { readonly externalId: string; readonly encryptedId: string } }[];
}

const million = 1_000_000;
/** Time for it on a machine that is busy with other tests. */
const millionMs = 180_000;
const mebibyte = 1_048_576;
/** For pages that have gone through the connections of this process. */
const mebibytesOfPages = 32;
/** Measured on 2026-11-21: 59.8 with 40 % opens and 10 % clicks, at 36 bytes for each thing that happened. */
const maxBytesPerRecipient = 70;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Twice, since buffers are given back after the round that found them unused. */
async function heldBytes(): Promise<number> {
  for (let round = 0; round < 2; round += 1) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('a mailing to a million recipients in one call', () => {
  it('holds no more than its columns, and is read page by page', async () => {
    const beforeBytes = await heldBytes();
    const sent = await control(sandbox, 'POST', '/mailings', {
      name: 'Million', sentAt: '2024-03-20T12:00:00Z', recipients: { generated: { count: million } }, opened: { ratio: 0.4 }, clicked: { ratio: 0.1 },
    });
    const bytesPerRecipient = ((await heldBytes()) - beforeBytes) / million;
    process.stdout.write(`a million recipients: ${bytesPerRecipient.toFixed(1)} bytes each\n`);
    const { encryptedId, opened, clicked } = sent.body as { encryptedId: string; opened: number; clicked: number };
    expect(sent.body).toMatchObject({ sent: million, bounced: 0 });
    expect(bytesPerRecipient).toBeLessThan(maxBytesPerRecipient);

    const ids = new Set<string>();
    let after: number | undefined = 0;
    let pages = 0;
    while (after !== undefined) {
      const { body } = await call(sandbox, 'GET', `/mailing/${encryptedId}/recipients`, { query: { after: String(after), pageSize: '10000' } });
      const page = body as Recipients;
      for (const { contactIdentifier } of page.recipients) ids.add(contactIdentifier.externalId);
      after = page.paging.after;
      pages += 1;
    }
    expect([pages, ids.size, ids.has('R1'), ids.has('R1000000')]).toEqual([100, million, true, true]);
    const { body: statistics } = await call(sandbox, 'GET', `/mailing/${encryptedId}/statistics`);
    expect(statistics).toMatchObject({ sentCount: million, openRenderedCount: opened, clickCount: clicked });
    ids.clear();
    const afterReadingMebibytes = ((await heldBytes()) - beforeBytes) / mebibyte;
    process.stdout.write(`after reading all of it: ${afterReadingMebibytes.toFixed(0)} MiB more than before\n`);
    expect(afterReadingMebibytes).toBeLessThan((maxBytesPerRecipient * million) / mebibyte + mebibytesOfPages);
  }, millionMs);
});

describe('generated recipients', () => {
  const send = () => sandbox.state.sendMailing({
    name: 'M', recipients: { generated: { count: 10, externalIdPrefix: 'G-' } }, bounced: { externalIds: ['G-1'] },
    opened: { externalIds: ['G-10'] }, clicked: { count: 3 },
  });

  it('turn up in reports and feeds as others do, and are no contacts', async () => {
    const { encryptedId, ...counts } = send();
    expect([counts, sandbox.state.summary().contacts]).toEqual([{ sent: 10, opened: 1, clicked: 3, bounced: 1 }, 0]);
    const { body } = await call(sandbox, 'GET', `/mailing/${encryptedId}/bounces`);
    expect(body).toMatchObject({ bounces: [{ contactIdentifier: { externalId: 'G-1', encryptedId: expect.stringMatching(/^[0-9A-Za-z]{15}$/) } }] });
    expect((await call(sandbox, 'GET', `/mailing/${encryptedId}/opens/G-10`)).body).toMatchObject({ opens: [{}] });
    expect((await call(sandbox, 'GET', '/mailing-interaction/opened')).body).toMatchObject({ interactions: [{ externalContactId: 'G-10' }] });
    expect(refusal(await call(sandbox, 'GET', '/contact/G-1'))).toEqual([404, 'CONTACT_NOT_FOUND']);
    expect(refusal(await call(sandbox, 'GET', `/mailing/${encryptedId}/opens/G-0`))).toEqual([400, 'INVALID_PARAMS']);
  });

  it('are the same again in the next mailing, and other ones with another prefix', async () => {
    const ids = async (encryptedId: string) =>
      ((await call(sandbox, 'GET', `/mailing/${encryptedId}/recipients`)).body as Recipients).recipients.map(({ contactIdentifier }) => contactIdentifier.encryptedId);
    const [first, second] = [await ids(send().encryptedId), await ids(send().encryptedId)];
    const others = await ids(sandbox.state.sendMailing({ name: 'H', recipients: { generated: { count: 10, externalIdPrefix: 'H-' } } }).encryptedId);
    expect(second).toEqual(first);
    expect(new Set([...first, ...others]).size).toBe(20);
  });

  it.each([[{ count: 1_000_001 }], [{ count: 0 }], [{ count: 5, externalIdPrefix: 'R1' }]])('are refused as %j', async (generated) => {
    expect((await control(sandbox, 'POST', '/mailings', { name: 'M', recipients: { generated } })).status).toBe(400);
  });
});
