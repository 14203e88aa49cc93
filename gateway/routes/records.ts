import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import { findRecordOfThing, findRecordsByEmail, type RecordDossier } from '../../db/repositories/record-lookup.ts';
import { everyPermission } from '../../domain/consent/ledger.ts';
import { HubError } from '../../domain/errors.ts';
import { recordTypes } from '../../domain/model/record-fields.ts';
import { normaliseEmail } from '../../domain/identity/email.ts';
import { requireConnector } from '../connectors/load-connector.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const fields = z.record(z.string(), scalar);
const time = z.string().nullable();

const recordSchema = z.object({
  id: z.number(),
  dataType: z.string(),
  version: z.number(),
  deleted: z.boolean(),
  updatedAt: z.string(),
  fields: z.array(z.object({ name: z.string(), value: scalar, connectorId: z.string().nullable(), externalId: z.string().nullable(), at: time, edited: z.boolean() })).describe('Each value with the source that gave it.'),
  consent: z.array(z.object({
    permission: z.string(), state: z.enum(['granted', 'withdrawn', 'unknown']), at: time, connectorId: z.string().nullable(),
    decidedBy: z.object({ granted: z.boolean(), statedAt: time, receivedAt: z.string(), connectorId: z.string(), externalId: z.string(), evidence: z.string() }).nullable(),
  })),
  sources: z.array(z.object({ connectorId: z.string(), externalId: z.string(), canonical: fields, sourceTime: z.string(), deletedAt: time })),
  links: z.array(z.object({ connectorId: z.string(), externalId: z.string(), primary: z.boolean(), held: fields, writtenAt: time, readAt: time, goneAt: time })),
  deliveries: z.array(z.object({ connectorId: z.string(), target: z.string(), state: z.string(), code: z.string().nullable(), reason: z.string().nullable(), wanted: z.number(), delivered: z.number(), pendingSince: z.string(), settledAt: time })),
  activities: z.array(z.object({ type: z.string(), at: z.string(), connectorId: z.string(), subjectId: z.string().nullable(), description: z.string() })).describe('The newest ones.'),
  actions: z.array(z.object({ connectorId: z.string(), kind: z.string(), state: z.string(), code: z.string().nullable(), reason: z.string().nullable(), settledAt: time })).describe('What was done for it at a platform, or is to be: the newest ones.'),
}).meta({ id: 'Record' });

/** `recordSchema`. */
export type RecordView = z.infer<typeof recordSchema>;

/** Looking up what the hub knows of a person, or of a thing. The address comes in the body: addresses of requests are written to logs of proxies. */
export function recordRoutes(app: App, deps: ApiDependencies): void {
  app.post('/records/find', {
    config: { access: 'viewer' },
    schema: {
      tags: ['records'], summary: 'Find records by e-mail address', body: z.strictObject({ email: z.string().max(2_000) }),
      response: answers(z.object({ records: z.array(recordSchema) })),
    },
  }, async (request) => {
    const email = normaliseEmail(request.body.email);
    if (!email.ok) throw new HubError('REQUEST_INVALID', email.reason, { field: 'email' });
    const records = await inAccount(deps.db, callerOf(request).accountId, (trx) => findRecordsByEmail(trx, email.value));
    return { records: records.map(view) };
  });
  app.get('/connectors/:connectorId/records/:dataType/:externalId', {
    config: { access: 'viewer' },
    schema: {
      tags: ['records'], summary: 'Show the record of a thing by its id at a connector', params: z.object({ connectorId: z.string(), dataType: z.enum(recordTypes), externalId: z.string() }),
      response: answers(recordSchema),
    },
  }, async (request) => {
    const { connectorId, dataType, externalId } = request.params;
    const record = await inAccount(deps.db, callerOf(request).accountId, async (trx) => findRecordOfThing(trx, (await requireConnector(trx, connectorId)).id, dataType, externalId));
    if (record === undefined) throw new HubError('NOT_FOUND', `${connectorId} has said nothing of ${dataType} with this id, and has none.`, { connectorId, field: 'externalId', fix: 'Check the id; `hub failed list` shows what came and was refused.' });
    return view(record);
  });
}

function view(record: RecordDossier): RecordView {
  return {
    id: record.id, dataType: record.dataType, version: record.version, deleted: record.deleted, updatedAt: record.updatedAt,
    fields: fieldsOf(record),
    consent: consentOf(record),
    sources: record.sources, links: record.links.map((link) => ({ ...link })), deliveries: record.deliveries, activities: record.activities, actions: record.actions,
  };
}

function fieldsOf({ canonical, provenance }: RecordDossier): RecordView['fields'] {
  return Object.entries(canonical).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => {
    const origin = provenance[name];
    return { name, value, connectorId: origin?.connectorId ?? null, externalId: origin?.externalId ?? null, at: origin?.at ?? null, edited: origin?.edited ?? false };
  });
}

function consentOf({ consent, consentEvents }: RecordDossier): RecordView['consent'] {
  return Object.entries(consent).map(([permission, { state, at, connectorId }]) => {
    const decided = consentEvents.find((event) => (event.permission === permission || event.permission === everyPermission) && event.connectorId === connectorId && event.granted === (state === 'granted') && decisiveTime(event) === at);
    if (decided === undefined) return { permission, state, at, connectorId, decidedBy: null };
    const { granted, statedAt, receivedAt, externalId, evidence } = decided;
    return { permission, state, at, connectorId, decidedBy: { granted, statedAt, receivedAt, connectorId: decided.connectorId, externalId, evidence } };
  });
}

/** A date ahead of receipt counts as receipt, as in the ledger. */
function decisiveTime({ statedAt, receivedAt }: RecordDossier['consentEvents'][number]): string | null {
  return statedAt !== null && statedAt > receivedAt ? receivedAt : statedAt;
}
