import { readActivity, readConsentChange, readProspectEdit, readTask } from './api-bodies.ts';
import { wholeIn } from './checks.ts';
import type { Taken } from './notes.ts';
import { Refusal, wrongValue } from './refusal.ts';
import type { Answer } from './refusal.ts';
import { createRouter, jsonBody } from './router.ts';
import type { Routed } from './router.ts';
import type { CoinsState } from './state.ts';
import type { Activity, WireProspect } from './wire.ts';

/** The largest page of the prospect list, and the one without `pageSize`. */
const MAX_PAGE_SIZE = 500;
const DEFAULT_PAGE_SIZE = 100;
const INSTANT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/;

const idOf = ({ params }: Routed): string => params['prospectId'] ?? '';

function requireCard(state: CoinsState, prospectId: string): WireProspect {
  if (state.cards.mergedInto(prospectId) !== undefined) state.journal.counts.callsToMerged += 1;
  return state.cards.require(prospectId);
}

function withoutReceipt<T extends { externalId: string }>({ note: { receivedAt: _receivedAt, ...note }, outcome }: Taken<T>, prospectId: string): Answer {
  return { status: outcome === 'stored' ? 201 : 200, body: { prospectId, ...note } };
}

/** A 409 of the notes is counted, whatever the notes are. */
function taking<T>(take: () => T, onConflict: () => void): T {
  try {
    return take();
  } catch (error) {
    if (error instanceof Refusal && error.status === 409) onConflict();
    throw error;
  }
}

function checkCampaign(state: CoinsState, { campaignId }: Activity): void {
  if (campaignId === undefined || state.campaigns.has(campaignId)) return;
  if (state.settings.strictCampaigns) throw wrongValue('campaignId', `there is no campaign ${campaignId}`);
  state.journal.counts.activitiesOfUnknownCampaigns += 1;
}

function postActivity(state: CoinsState, request: Routed): Answer {
  const prospectId = idOf(request);
  const activity = readActivity(jsonBody(request));
  requireCard(state, prospectId);
  checkCampaign(state, activity);
  const { counts } = state.journal;
  const taken = taking(() => state.activities.take(prospectId, activity, state.timestamp()), () => { counts.activitiesConflicting += 1; });
  if (taken.outcome === 'repeated') counts.activitiesRepeated += 1;
  else {
    counts.activitiesStored += 1;
    counts.activitiesByType[activity.type] = (counts.activitiesByType[activity.type] ?? 0) + 1;
  }
  if (taken.doubled) counts.activitiesDoubled += 1;
  return withoutReceipt(taken, prospectId);
}

function postTask(state: CoinsState, request: Routed): Answer {
  if (!state.settings.tasksLicensed) throw new Refusal(404, 'tasks are not part of the licence');
  const prospectId = idOf(request);
  const task = readTask(jsonBody(request));
  requireCard(state, prospectId);
  const { counts } = state.journal;
  const taken = taking(() => state.tasks.take(prospectId, task, state.timestamp()), () => { counts.tasksConflicting += 1; });
  if (taken.outcome === 'repeated') counts.tasksRepeated += 1;
  else counts.tasksStored += 1;
  if (taken.doubled) counts.tasksDoubled += 1;
  return withoutReceipt(taken, prospectId);
}

function patchConsents(state: CoinsState, request: Routed): Answer {
  const prospectId = idOf(request);
  const change = readConsentChange(jsonBody(request));
  requireCard(state, prospectId);
  if (state.settings.consentCodes[change.code] === undefined) throw wrongValue('code', `there is no permission ${change.code}`);
  return { status: 200, body: { prospectId, ...state.receiveConsent(prospectId, change) } };
}

function patchProspect(state: CoinsState, request: Routed): Answer {
  const prospectId = idOf(request);
  const edit = readProspectEdit(jsonBody(request));
  requireCard(state, prospectId);
  const { counts, patchesByProspect } = state.journal;
  const { card, changed } = state.edit(prospectId, edit);
  counts.prospectPatches += 1;
  if (changed) patchesByProspect.set(prospectId, (patchesByProspect.get(prospectId) ?? 0) + 1);
  else counts.prospectPatchesUnchanged += 1;
  return { status: 200, body: card };
}

function numberParam(query: URLSearchParams, name: string, fallback: number, max?: number): number {
  const text = query.get(name);
  return wholeIn({ [name]: text === null ? fallback : /^\d+$/.test(text) ? Number(text) : text }, name, fallback, 1, max);
}

function listProspects(state: CoinsState, { query }: Routed): Answer {
  const unknown = [...query.keys()].find((name) => !['modifiedSince', 'page', 'pageSize'].includes(name));
  if (unknown !== undefined) throw wrongValue(unknown, `${unknown} is not a parameter of the list`);
  const since = query.get('modifiedSince');
  if (since !== null && !(INSTANT.test(since) && !Number.isNaN(Date.parse(since)))) {
    throw wrongValue('modifiedSince', 'modifiedSince must be an ISO 8601 time with an offset, or a date');
  }
  const sinceMs = since === null ? 0 : Date.parse(since);
  const pageSize = numberParam(query, 'pageSize', DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  return { status: 200, body: state.cards.page(sinceMs, numberParam(query, 'page', 1), pageSize) };
}

/** The Coins API: everything below `/api/v1`, without the login. */
export function createCoinsApi(state: CoinsState) {
  const prospect = '/api/v1/prospects/:prospectId';
  return createRouter([
    { method: 'GET', path: '/api/v1/prospects', run: (request) => listProspects(state, request) },
    { method: 'GET', path: prospect, run: (request) => ({ status: 200, body: requireCard(state, idOf(request)) }) },
    { method: 'PATCH', path: prospect, run: (request) => patchProspect(state, request) },
    { method: 'PATCH', path: `${prospect}/consents`, run: (request) => patchConsents(state, request) },
    { method: 'POST', path: `${prospect}/activities`, run: (request) => postActivity(state, request) },
    { method: 'POST', path: `${prospect}/tasks`, run: (request) => postTask(state, request) },
  ]);
}
