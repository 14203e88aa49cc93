import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import { writeAudit } from '../../db/repositories/audit.ts';
import { bounceTotals, countTasks, listCases, resolveByHand } from '../../db/repositories/bounces/report.ts';
import { listConnectors } from '../../db/repositories/connectors.ts';
import { HubError } from '../../domain/errors.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';

const time = z.string().nullable();
const seconds = z.number().nullable();
const instant = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

const caseSchema = z.object({
  id: z.number(),
  recordId: z.number(),
  connectorId: z.string().describe('Reported the bounces.'),
  contact: z.string().describe('The contact\'s id there.'),
  kind: z.enum(['hard', 'soft']),
  bounces: z.number().describe('Since mail last got through.'),
  bouncedAt: z.string().describe('Of the bounce that decided it.'),
  lastBouncedAt: z.string(),
  openedAt: z.string(),
  resolvedAt: time,
  resolution: z.enum(['address-changed', 'mail-arrived', 'contact-gone', 'by-hand', 'joined']).nullable(),
  tasks: z.array(z.object({ connectorId: z.string(), target: z.string(), state: z.string(), code: z.string().nullable(), reason: z.string().nullable() })),
}).meta({ id: 'BounceCase' });

const reportSchema = z.object({
  from: z.string(),
  to: z.string(),
  openNow: z.number().describe('Whenever they were opened.'),
  oldestOpenAt: time,
  opened: z.number().describe('In the period.'),
  resolved: z.object({ total: z.number(), addressChanged: z.number(), mailArrived: z.number(), contactGone: z.number(), byHand: z.number() }).describe('In the period.'),
  timeToResolve: z.object({ medianSeconds: seconds, averageSeconds: seconds, longestSeconds: seconds }).describe('From the opening of a case, of those resolved in the period.'),
  tasks: z.array(z.object({
    connectorId: z.string(), made: z.number(), waiting: z.number(), failed: z.number(), notLicensed: z.number().describe('The platform has no tasks in its licence: the activity only.'), setAside: z.number().describe('By an operator.'),
    without: z.number().describe('Open cases of contacts that it does not have, or that are yet to get theirs.'), note: z.string().nullable(),
  })).describe('Of open cases, at each CRM.'),
  cases: z.array(caseSchema).describe('Open ones first, then the newest.'),
}).meta({ id: 'BounceReport' });

/** `reportSchema`. */
export type BounceReportView = z.infer<typeof reportSchema>;

const querySchema = z.object({
  from: instant.optional().describe('A date or an instant; 30 days before the end when absent.'),
  to: instant.optional().describe('A date or an instant, not included; now when absent.'),
  state: z.enum(['open', 'resolved']).optional().describe('Only these cases in the list.'),
  limit: z.coerce.number().int().min(0).max(1_000).default(50).describe('How many cases.'),
  offset: z.coerce.number().int().min(0).default(0).describe('How many cases to pass over.'),
});

const defaultPeriodMs = 30 * 86_400_000;

/** How bounces are followed up, and ending one by hand. */
export function bounceRoutes(app: App, deps: ApiDependencies): void {
  const tags = ['bounces'];
  app.get('/reports/bounces', {
    config: { access: 'viewer' },
    schema: { tags, summary: 'Report open and resolved bounces, and the time to resolve', querystring: querySchema, response: answers(reportSchema) },
  }, async (request) => reportOf(deps, callerOf(request).accountId, request.query));
  app.post('/bounces/:caseId/resolve', {
    config: { access: 'operator' },
    schema: {
      tags, summary: 'Resolve a bounce by hand', params: z.object({ caseId: z.coerce.number().int().min(1).describe('As the report shows it.') }), body: z.strictObject({}),
      response: answers(z.object({ message: z.string() })), description: 'For a follow-up that leaves no trace in the systems, as a person who could not be found. A later bounce opens another case.',
    },
  }, async (request) => {
    const { caseId } = request.params;
    const { accountId, who } = callerOf(request);
    await inAccount(deps.db, accountId, async (trx) => {
      if (!(await resolveByHand(trx, caseId))) throw new HubError('NOT_FOUND', `There is no open bounce ${caseId}.`);
      await writeAudit(trx, { accountId, who, what: 'bounce.resolved', details: { caseId } });
    });
    return { message: `Bounce ${caseId} is resolved.` };
  });
}

async function reportOf(deps: ApiDependencies, accountId: string, { from, to, ...list }: z.infer<typeof querySchema>): Promise<BounceReportView> {
  const end = new Date(to ?? deps.now()).toISOString();
  const period = { from: new Date(from ?? Date.parse(end) - defaultPeriodMs).toISOString(), to: end };
  if (period.from >= period.to) throw new HubError('REQUEST_INVALID', 'The report begins when it ends, or after.', { field: 'from' });
  return inAccount(deps.db, accountId, async (trx) => {
    const { openNow, oldestOpenAt, opened, resolved, addressChanged, mailArrived, contactGone, byHand, ...timeToResolve } = await bounceTotals(trx, period);
    const crms = (await listConnectors(trx)).filter(({ class: kind }) => kind === 'crm');
    const counts = await countTasks(trx, crms.map(({ id }) => id));
    const cases = await listCases(trx, { ...period, ...list });
    return {
      ...period, openNow, oldestOpenAt, opened, resolved: { total: resolved, addressChanged, mailArrived, contactGone, byHand }, timeToResolve,
      tasks: counts.map((one) => ({ ...one, note: noteOf(deps, crms.find(({ id }) => id === one.connectorId)?.platform ?? '', one.notLicensed) })),
      cases: cases.map((one) => ({ ...one, tasks: [...one.tasks] })),
    };
  });
}

function noteOf({ platforms }: ApiDependencies, platform: string, notLicensed: number): string | null {
  const found = platforms[platform];
  if (found?.actionKinds?.['task.create'] === undefined) return `${found?.description.title ?? platform} takes no tasks: a bounce stands there as an activity only.`;
  return notLicensed > 0 ? `${found.description.title} has no tasks in its licence: a bounce stands there as an activity only.` : null;
}
