import { fieldsOf, optionalText, requiredText, wholeIn } from './checks.ts';
import type { Latency } from './coins-server.ts';
import { readCardEdit, readCards, readMerge, readOwnConsent, readSettings } from './control-bodies.ts';
import { readFaultRule } from './faults.ts';
import type { Faults } from './faults.ts';
import type { Handler } from './http-server.ts';
import { readHubAddress, readListSyncInput } from './list-sync-input.ts';
import type { ListSyncs } from './list-syncs.ts';
import { wrongValue } from './refusal.ts';
import type { Answer } from './refusal.ts';
import { createRouter, jsonBody } from './router.ts';
import type { Route, Routed } from './router.ts';
import type { CoinsState } from './state.ts';

/** What the control side works on. */
type ControlOptions = {
  state: CoinsState;
  faults: Faults;
  listSyncs: ListSyncs;
  latency: Latency;
};

const ok = (body: unknown): Answer => ({ status: 200, body });
const param = ({ params }: Routed, name: string): string => params[name] ?? '';

function cardRoutes({ state }: ControlOptions): Route[] {
  return [
    { method: 'POST', path: '/prospects', run: (request) => {
      const cards = readCards(jsonBody(request));
      state.cards.put(cards);
      return ok({ added: cards.length, prospects: state.cards.size });
    } },
    { method: 'GET', path: '/prospects/:id', run: (request) => {
      const id = param(request, 'id');
      const flips = state.journal.flips.filter(({ prospectId }) => prospectId === id);
      return ok({ prospect: state.cards.require(id), activities: state.activities.of(id), tasks: state.tasks.of(id), flips });
    } },
    { method: 'PATCH', path: '/prospects/:id', run: (request) => ok(state.edit(param(request, 'id'), readCardEdit(jsonBody(request))).card) },
    { method: 'PUT', path: '/prospects/:id/consents', run: (request) => ok(state.setConsent(param(request, 'id'), readOwnConsent(jsonBody(request)))) },
    { method: 'POST', path: '/merges', run: (request) => {
      const { from, into } = readMerge(jsonBody(request));
      for (const id of from) state.merge(id, into);
      return ok({ into, merged: from });
    } },
  ];
}

function listSyncRoutes({ listSyncs }: ControlOptions): Route[] {
  return [
    { method: 'POST', path: '/list-syncs', run: async (request) => {
      const { wait, ...input } = readListSyncInput(jsonBody(request));
      const sync = listSyncs.start(input);
      return wait ? ok(await sync.done) : { status: 202, body: { syncId: sync.syncId } };
    } },
    { method: 'GET', path: '/list-syncs', run: () => ok(listSyncs.all().map(({ report: { answers: _answers, ...report } }) => report)) },
    { method: 'GET', path: '/list-syncs/:id', run: async (request) => {
      const sync = listSyncs.require(param(request, 'id'));
      return ok(request.query.get('wait') === 'true' ? await sync.done : sync.report);
    } },
    { method: 'POST', path: '/list-syncs/:id/pages', run: async (request) => {
      const sync = listSyncs.require(param(request, 'id'));
      const { pages } = fieldsOf(jsonBody(request), 'body', ['pages']);
      const isPage = (page: unknown): page is number => Number.isSafeInteger(page) && Number(page) > 0 && Number(page) <= sync.report.pageCount;
      if (!Array.isArray(pages) || !pages.every(isPage)) throw wrongValue('pages', 'pages must be a list of pages of this sync');
      return ok(await sync.send(pages));
    } },
    { method: 'POST', path: '/list-deletions', run: async (request) => {
      const fields = fieldsOf(jsonBody(request), 'body', ['hubUrl', 'connectorId', 'token', 'listId']);
      return ok(await listSyncs.deleteList({ ...readHubAddress(fields), listId: requiredText(fields, 'listId') }));
    } },
  ];
}

function faultRoutes({ faults, latency }: ControlOptions): Route[] {
  return [
    { method: 'POST', path: '/faults', run: (request) => ({ status: 201, body: faults.add(readFaultRule(jsonBody(request))) }) },
    { method: 'GET', path: '/faults', run: () => ok({ faults: faults.list(), latencyMs: latency.milliseconds }) },
    { method: 'DELETE', path: '/faults', run: () => {
      faults.clear();
      return { status: 204 };
    } },
    { method: 'PUT', path: '/latency', run: (request) => {
      latency.milliseconds = wholeIn(fieldsOf(jsonBody(request), 'body', ['latencyMs']), 'latencyMs', 0, 0, 600_000);
      return ok({ latencyMs: latency.milliseconds });
    } },
  ];
}

function stateRoutes({ state, faults, listSyncs, latency }: ControlOptions): Route[] {
  return [
    { method: 'GET', path: '/health', run: () => ok({ status: 'ok', prospects: state.cards.size }) },
    { method: 'GET', path: '/journal', run: () => ok(state.journal.report()) },
    { method: 'GET', path: '/state', run: () => ok(state.dump()) },
    { method: 'PUT', path: '/settings', run: (request) => {
      state.settings = { ...state.settings, ...readSettings(jsonBody(request)) };
      return ok(state.settings);
    } },
    { method: 'POST', path: '/campaigns', run: (request) => {
      const fields = fieldsOf(jsonBody(request), 'campaign', ['id', 'name']);
      optionalText(fields, 'name');
      state.campaigns.add(requiredText(fields, 'id'));
      return ok({ campaigns: [...state.campaigns] });
    } },
    { method: 'POST', path: '/reset', run: () => {
      listSyncs.reset();
      faults.clear();
      latency.milliseconds = 0;
      state.reset();
      return { status: 204 };
    } },
  ];
}

/** The handler of the control side: JSON without a login, for tests and the demo. */
export function createControl(options: ControlOptions): Handler {
  const route = createRouter([...cardRoutes(options), ...listSyncRoutes(options), ...faultRoutes(options), ...stateRoutes(options)]);
  return async (request) => ({ answer: await route(request) });
}
