import { HubError } from '../../../domain/errors.ts';

/**
 * What can fail: a delivery of a record, an action, a record that came in and was rejected, a call to a platform, a request in the
 * inbox that cannot be applied, a list sync that misses pages.
 */
export const failedKinds = ['delivery', 'action', 'record', 'call', 'inbox', 'list'] as const;

/** One of `failedKinds`. */
export type FailedKind = (typeof failedKinds)[number];

/** Names one failed thing. In text: `<kind>:<connector>:<rest>`, as `action:mailplus-1:17` or `delivery:mailplus-1:contacts:12:P7`. */
export type FailedId = { readonly connectorId: string } & (
  | { readonly kind: 'delivery'; readonly dataType: string; readonly recordId: number; readonly target: string }
  | { readonly kind: 'action' | 'record' | 'call' | 'inbox'; readonly id: number }
  | { readonly kind: 'list'; readonly syncId: string }
);

/** The id as text: opaque ids of platforms in it are escaped, so that it fits into one path segment. */
export function formatFailedId(id: FailedId): string {
  if (id.kind === 'delivery') return `delivery:${id.connectorId}:${id.dataType}:${id.recordId}:${encodeURIComponent(id.target)}`;
  if (id.kind === 'list') return `list:${id.connectorId}:${encodeURIComponent(id.syncId)}`;
  return `${id.kind}:${id.connectorId}:${id.id}`;
}

/** Reads an id. Throws NOT_FOUND for a text that is none. */
export function parseFailedId(text: string): FailedId {
  const [kind, connectorId = '', ...rest] = text.split(':');
  const id = connectorId === '' ? undefined : parseRest(kind ?? '', connectorId, rest);
  if (id === undefined) throw new HubError('NOT_FOUND', `«${text}» is no id of a failed thing; \`hub failed list\` shows them.`, { field: 'ids' });
  return id;
}

function parseRest(kind: string, connectorId: string, [first = '', second, third]: readonly string[]): FailedId | undefined {
  if (kind === 'delivery' && second !== undefined && third !== undefined && isNumber(second)) {
    return { kind, connectorId, dataType: first, recordId: Number(second), target: decode(third) };
  }
  if (kind === 'list' && first !== '') return { kind, connectorId, syncId: decode(first) };
  if ((kind === 'action' || kind === 'record' || kind === 'call' || kind === 'inbox') && isNumber(first)) return { kind, connectorId, id: Number(first) };
  return undefined;
}

function isNumber(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
