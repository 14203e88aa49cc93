import { afterEach, expect, it } from '@jest/globals';
import { callOperation, tryOperation } from '../../../platforms/mailplus/call-operation.ts';
import type { AnswerOf, InputOf, RowOf } from '../../../platforms/mailplus/operations/define.ts';
import { operations } from '../../../platforms/mailplus/operations/index.ts';
import { mailplusContext } from '../mailplus-context.ts';
import { sendJson, startRawServer, type RawServer } from '../raw-server.ts';

const servers: RawServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** `true` only when both types are the same; the type checker judges these, not the run. */
type Same<One, Other> = (<Any>() => Any extends One ? 1 : 2) extends <Any>() => Any extends Other ? 1 : 2 ? true : false;
const holds = <Statement extends true>(statement: Statement): void => expect(statement).toBe(true);

it('types what is sent, what comes back, and the rows of a page', async () => {
  holds<Same<InputOf<(typeof operations)['contact.get']>, { externalId: string | number }>>(true);
  holds<Same<AnswerOf<(typeof operations)['contact.inactivate']>, void>>(true);
  holds<Same<AnswerOf<(typeof operations)['mailing.statistics']>['conversionValue'], number | undefined>>(true);
  holds<Same<RowOf<(typeof operations)['mailing.opens']>['openDate'], string | undefined>>(true);
    const server = await startRawServer((_, response) => sendJson(response, 200, { recipients: [{ contactIdentifier: { externalId: 7, encryptedId: 'e' } }], openCount: '3' }));
  servers.push(server);
  const context = mailplusContext(server.url);
  const { openCount = 0 } = await callOperation(context, operations['mailing.statistics'], { encryptedMailingId: 'm1' });
  const page = await callOperation(context, operations['mailing.recipients'], { encryptedMailingId: 'm1' });
  const tried = await tryOperation(context, operations['contact.get'], { externalId: '7' });
  expect([openCount + 1, page.rows.map((row) => row.contactIdentifier.externalId?.length), tried.refusal]).toEqual([4, [1], undefined]);
});
