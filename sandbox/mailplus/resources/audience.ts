import { ApiError, invalidParams } from '../http/api-error.ts';
import type { ErrorType } from '../http/api-error.ts';
import { noContent } from '../http/call.ts';
import type { Call, Operation, Reply } from '../http/call.ts';
import type { Audience } from '../state/audiences.ts';
import { bodyObject } from './request-body.ts';
import type { JsonObject } from './request-body.ts';
import { optionalText } from './values.ts';
import { stamp } from './views.ts';

const maxTextLength = 255;

/** Audiences, for accounts with the licence (contract 3.10). What is wrong with one is a 417. */
export const audienceOperations: readonly Operation[] = [
  { method: 'POST', path: 'audience', handle: licensed(createAudience) },
  { method: 'GET', path: 'audience/{externalId}', handle: licensed((call) => shown(call, requireAudience(call))) },
  { method: 'PUT', path: 'audience/{externalId}', handle: licensed(changeAudience) },
  { method: 'DELETE', path: 'audience/{externalId}', handle: licensed(deleteAudience) },
];

/** Lets an operation through only where the account has the licence for audiences. */
export function licensed(handle: Operation['handle']): Operation['handle'] {
  const carryOut: Operation['handle'] = (call) => {
    if (!call.account.hasAudiences) {
      throw new ApiError(403, 'NOT_AUTHORIZED', 'Audiences are part of Spotler Automation and Spotler eCommerce only');
    }
    return handle(call);
  };
  return (call) => {
    try {
      return carryOut(call);
    } catch (error) {
      if (!(error instanceof ApiError) || !isWithoutBody(call, error)) throw error;
      return { status: error.status, refusal: error.errorType };
    }
  };
}

/** Whether this account answers the refusal with a status only. The ids of unknown contacts are always given. */
function isWithoutBody(call: Call, { status, details }: ApiError): boolean {
  return call.account.options.emptyAudienceErrors && [403, 404, 413, 417].includes(status) && Object.keys(details).length === 0;
}

/** The audience of the path; 404 when there is none. */
export function requireAudience(call: Call): Audience {
  const audience = call.account.audiences.find(call.path['externalId'] ?? '');
  if (audience === undefined) throw new ApiError(404, 'RESOURCE_NOT_FOUND', 'Audience not found');
  return audience;
}

function createAudience(call: Call): Reply {
  const { account } = call;
  const body = bodyObject(call.body);
  const externalId = checkedText(body, 'externalId');
  const name = checkedText(body, 'name');
  if (account.audiences.find(externalId) !== undefined) throw refused('ID_NOTUNIQUE', 'An audience with this id already exists');
  requireFreeName(call, name, undefined);
  if (account.audiences.size >= account.options.maxAudiences) throw refused('INVALID_STATE', 'Maximum number of audiences exceeded');
  const audience = account.audiences.add(externalId, name, optionalText(body, 'description'), account.nowMs());
  account.totals.audiencesCreated += 1;
  call.notes.changed = true;
  return shown(call, audience);
}

function changeAudience(call: Call): Reply {
  const audience = requireAudience(call);
  const body = bodyObject(call.body);
  if (optionalText(body, 'externalId') !== audience.externalId) throw invalidParams('externalId of the body differs from the one of the path');
  const name = checkedText(body, 'name');
  requireFreeName(call, name, audience);
  const description = optionalText(body, 'description');
  if (name !== audience.name || description !== audience.description) {
    Object.assign(audience, { name, description, changedMs: call.account.nowMs() });
    call.notes.changed = true;
  }
  return shown(call, audience);
}

function deleteAudience(call: Call): Reply {
  const audience = requireAudience(call);
  if (audience.inUse) throw refused('INVALID_STATE', 'Audience in use');
  call.account.audiences.remove(audience);
  call.account.totals.audiencesDeleted += 1;
  call.notes.changed = true;
  return noContent;
}

function checkedText(body: JsonObject, name: string): string {
  const text = optionalText(body, name) ?? '';
  if (text === '' || text.length > maxTextLength) throw refused('INVALID_PARAMS', `${name} must have 1 to ${maxTextLength} characters`);
  return text;
}

function requireFreeName(call: Call, name: string, own: Audience | undefined): void {
  const holder = call.account.audiences.withName(name);
  if (holder !== undefined && holder !== own) throw refused('NAME_ALREADY_IN_USE', 'An audience with this name already exists');
}

function refused(errorType: ErrorType, message: string): ApiError {
  return new ApiError(417, errorType, message);
}

function shown(call: Call, audience: Audience): Reply {
  const dates = {
    createDate: audience.createdMs, changeDate: audience.changedMs, lastContactAddedAt: audience.lastAddedMs,
    lastContactRemovedAt: audience.lastRemovedMs, lastSyncDate: audience.lastSyncMs,
  };
  const stamps = Object.entries(dates).flatMap(([name, atMs]) => (atMs === undefined ? [] : [[name, stamp(call, atMs)] as const]));
  return {
    status: 200,
    body: {
      externalId: audience.externalId, name: audience.name,
      ...(audience.description !== undefined && { description: audience.description }),
      ...Object.fromEntries(stamps),
    },
  };
}
