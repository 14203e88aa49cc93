import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { inAccount, type Db } from '../../db/database.ts';
import { blockRecord, unblockRecord } from '../../db/repositories/erase/block-record.ts';
import { erasureContext } from '../../db/repositories/erase/destinations.ts';
import { eraseRecord, type ErasureDone, type ErasureScope } from '../../db/repositories/erase/erase-record.ts';
import { listReceipts, type Receipt } from '../../db/repositories/erase/receipts.ts';
import { HubError } from '../../domain/errors.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import { erasureScope } from '../records/erasure-scope.ts';
import type { ApiDependencies } from './api.ts';

const receiptSchema = z.object({
  id: z.number(),
  recordId: z.number(),
  kind: z.enum(['block', 'unblock', 'erase', 'inactivate', 'anonymise']).describe('`inactivate` and `anonymise`: the contact was deleted at its last source.'),
  who: z.string(),
  at: z.string(),
  counts: z.record(z.string(), z.number()).describe('Rows of the hub that were deleted or blanked.'),
  steps: z.array(z.object({
    connectorId: z.string(), kind: z.enum(['anonymise', 'inactivate', 'by-hand']), things: z.number(),
    state: z.enum(['pending', 'done', 'failed', 'skipped', 'by-hand']), reason: z.string().nullable(), settledAt: z.string().nullable(), note: z.string().nullable(),
    ids: z.array(z.string()).describe('Of what is left to be done by hand; stored sealed.'),
  })).describe('What was done, or is to be done, in other systems.'),
}).meta({ id: 'ErasureReceipt' });

const doneSchema = z.object({ message: z.string(), receipt: receiptSchema }).meta({ id: 'ErasureDone' });
const recordParams = z.object({ recordId: z.coerce.number().int().min(1).describe('As `hub records find` shows it.') });

/** `receiptSchema`. */
export type ReceiptView = z.infer<typeof receiptSchema>;
/** `doneSchema`. */
export type ErasureDoneView = z.infer<typeof doneSchema>;

type Act = (db: Db, scope: ErasureScope, recordId: number) => Promise<ErasureDone>;

/** Erasing and blocking contacts, and the receipts of it. */
export function erasureRoutes(app: App, deps: ApiDependencies): void {
  const tags = ['records'];
  app.post('/records/:recordId/block', {
    config: { access: 'operator' },
    schema: { tags, summary: 'Block a contact', params: recordParams, body: z.strictObject({}), response: answers(doneSchema), description: 'All permissions are withdrawn until somebody unblocks the contact, whatever any system says; where a platform can inactivate it, it does.' },
  }, async (request) => carryOut(deps, request, request.params.recordId, blockRecord, 'blocked'));
  app.post('/records/:recordId/unblock', {
    config: { access: 'operator' },
    schema: { tags, summary: 'Unblock a contact', params: recordParams, body: z.strictObject({}), response: answers(doneSchema), description: 'Permissions are as they were said to be besides. What a platform has inactivated is activated there by hand.' },
  }, async (request) => carryOut(deps, request, request.params.recordId, unblockRecord, 'unblocked'));
  app.post('/records/:recordId/erase', {
    config: { access: 'admin' },
    schema: {
      tags, summary: 'Erase a contact, for good', params: recordParams, body: z.strictObject({ confirm: z.boolean().default(false).describe('It can not be undone: has to be true.') }), response: answers(doneSchema),
      description: 'All that the hub has of the person goes at once, the contact is anonymised where a platform can, and nothing of the person is taken in again.',
    },
  }, async (request) => {
    if (!request.body.confirm) throw new HubError('ERASURE_UNCONFIRMED', undefined, { field: 'confirm' });
    return carryOut(deps, request, request.params.recordId, eraseRecord, 'erased');
  });
  receiptRoutes(app, deps, tags);
}

function receiptRoutes(app: App, deps: ApiDependencies, tags: string[]): void {
  app.get('/receipts', {
    config: { access: 'operator' },
    schema: {
      tags, summary: 'List receipts of what was erased or blocked, newest first', response: answers(z.object({ receipts: z.array(receiptSchema) })),
      querystring: z.object({ record: z.coerce.number().int().min(1).optional().describe('Only of this record.'), limit: z.coerce.number().int().min(1).max(1_000).default(50).describe('How many.') }),
    },
  }, async (request) => {
    const { record, limit } = request.query;
    const receipts = await inAccount(deps.db, callerOf(request).accountId, (trx) => listReceipts(trx, { recordId: record, limit }));
    return { receipts: receipts.map((receipt) => view(deps, receipt)) };
  });
  app.get('/receipts/:receiptId', {
    config: { access: 'operator' },
    schema: { tags, summary: 'Show a receipt', params: z.object({ receiptId: z.coerce.number().int().min(1).describe('As the list shows it.') }), response: answers(receiptSchema) },
  }, async (request) => receiptView(deps, callerOf(request).accountId, request.params.receiptId));
}

async function carryOut(deps: ApiDependencies, request: FastifyRequest, recordId: number, act: Act, done: string): Promise<ErasureDoneView> {
  const actor = callerOf(request);
  const scope = await inAccount(deps.db, actor.accountId, (trx) => erasureScope(deps, trx, actor));
  const result = await act(deps.db, scope, recordId);
  for (const connectorId of result.raisedFor) deps.waker.wake('deliver', connectorId);
  const named = result.recordId === recordId ? `Record ${recordId}` : `Record ${recordId}, which is part of record ${result.recordId},`;
  const message = result.repeated ? `${named} was ${done} before; this is the receipt of that time.` : `${named} is ${done}. Receipt ${result.receiptId} shows what is done where.`;
  return { message, receipt: await receiptView(deps, actor.accountId, result.receiptId) };
}

async function receiptView(deps: ApiDependencies, accountId: string, receiptId: number): Promise<ReceiptView> {
  const [receipt] = await inAccount(deps.db, accountId, (trx) => listReceipts(trx, { id: receiptId, limit: 1 }));
  if (receipt === undefined) throw new HubError('NOT_FOUND', `There is no receipt ${receiptId}.`);
  return view(deps, receipt);
}

function view({ secrets }: ApiDependencies, { id, recordId, kind, who, at, counts, steps }: Receipt): ReceiptView {
  return {
    id, recordId, kind, who, at, counts,
    steps: steps.map((step) => ({
      connectorId: step.connectorId, kind: step.kind, things: step.things, state: step.state, reason: step.reason, settledAt: step.settledAt, note: step.note ?? null,
      ids: step.sealed === undefined ? [] : z.array(z.string()).parse(JSON.parse(secrets.open(step.sealed, erasureContext(id)))),
    })),
  };
}
