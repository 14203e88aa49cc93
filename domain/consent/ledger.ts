import { earlier } from '../model/instants.ts';
import type { Instant } from '../model/fields.ts';
import type { PermissionState } from '../model/record.ts';
import type { ConsentStatement } from '../model/source-record.ts';

/** One entry of the consent ledger: a statement with where and when it came in (design §9). */
export interface ConsentEvent extends ConsentStatement {
  readonly receivedAt: Instant;
  readonly connectorId: string;
  readonly externalId: string;
  /** Whether this source may grant; its withdrawals count in any case. */
  readonly mayGrant: boolean;
}

/** The permission of an entry that blocks a contact: all that there are, also those that nobody ever named. */
export const everyPermission = '*';

/** Stands for the connector in entries that the hub itself makes, for an operator. */
export const hubAsSource = '';

const unknown: PermissionState = { state: 'unknown', at: null, connectorId: null };

interface Dated {
  readonly at: Instant;
  readonly event: ConsentEvent;
}

/**
 * Decides one permission from all events about it, in whatever order (design §9). The newest dated event decides, at equal times the
 * withdrawal; a date ahead of receipt counts as receipt. False without a date is no event («never asked»). A grant without a date counts
 * only where no dated event speaks. Grants of a source that may not grant are no events.
 */
export function decide(events: readonly ConsentEvent[]): PermissionState {
  let newest: Dated | null = null;
  let undated: ConsentEvent | null = null;
  for (const event of events) {
    if (event.granted && !event.mayGrant) continue;
    if (event.at === null) {
      if (event.granted && (undated === null || event.connectorId < undated.connectorId)) undated = event;
      continue;
    }
    const at = earlier(event.at, event.receivedAt);
    if (newest === null || beats(event, at, newest)) newest = { at, event };
  }
  if (newest !== null) return { state: newest.event.granted ? 'granted' : 'withdrawn', at: newest.at, connectorId: newest.event.connectorId };
  return undated === null ? unknown : { state: 'granted', at: null, connectorId: undated.connectorId };
}

function beats(event: ConsentEvent, at: Instant, newest: Dated): boolean {
  if (at !== newest.at) return at > newest.at;
  if (event.granted !== newest.event.granted) return !event.granted;
  return event.connectorId < newest.event.connectorId;
}

/**
 * Decides every permission that the events name, in alphabetical order of the permissions. While a block is in the ledger (`everyPermission`)
 * all of them are withdrawn since the block, whatever was said since: only taking the block out undoes it.
 */
export function decideAll(events: readonly ConsentEvent[]): Record<string, PermissionState> {
  const byPermission = new Map<string, ConsentEvent[]>();
  for (const event of events) {
    const list = byPermission.get(event.permission);
    if (list) list.push(event);
    else byPermission.set(event.permission, [event]);
  }
  const states: Record<string, PermissionState> = {};
  const block = blockOf(byPermission.get(everyPermission) ?? []);
  for (const permission of [...byPermission.keys()].sort()) states[permission] = block ?? decide(byPermission.get(permission) ?? []);
  return states;
}

/** The first of several blocks, as merged contacts have them. */
function blockOf(events: readonly ConsentEvent[]): PermissionState | undefined {
  const since = events.map((event) => (event.at === null ? event.receivedAt : earlier(event.at, event.receivedAt))).sort()[0];
  return since === undefined ? undefined : { state: 'withdrawn', at: since, connectorId: hubAsSource };
}

/** Whether a contact is blocked. */
export function isBlocked(consent: Readonly<Record<string, PermissionState>>): boolean {
  return consent[everyPermission] !== undefined;
}
