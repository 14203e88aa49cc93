import type { Instant } from '../../domain/model/fields.ts';
import { offsetToRead, readOffsetToken, stepOffset, writeOffsetToken } from '../offset-paging.ts';
import type { PlatformContext, SourcePage, StreamDefinition, Window } from '../platform.ts';
import { readRawPage } from './call-operation.ts';
import { operationOf } from './client.ts';
import { dateParameter } from './dates.ts';
import { fieldsOf } from './fields.ts';
import { planOf } from './mapping.ts';
import { normaliseContact, sortOut } from './normalise.ts';
import type { PagedOperation } from './operations/define.ts';
import { operations } from './operations/index.ts';

/** One paged operation of Mail+ that takes a window of time. */
export interface WindowedMethod {
  readonly operation: PagedOperation;
  readonly fromParameter: string;
  readonly toParameter: string;
  /** A key of a row, by which it is known again when it moves. */
  readonly keyOf: (row: unknown) => string;
}

/** Rows of one page that were not read before, as Mail+ gave them. */
export interface RawPage {
  readonly rows: readonly unknown[];
  readonly nextPageToken?: string;
  readonly readAt: Instant;
}

/**
 * Reads one page. The window begins a second early: whether Mail+'s bounds are inclusive, and whether it cuts fractions off,
 * is not documented. Rows may therefore come twice, which does no harm. Throws HubError PLATFORM_ANSWER_INVALID for another shape.
 */
export async function readWindow(
  context: PlatformContext, method: WindowedMethod, request: { readonly window: Window; readonly pageSize: number; readonly pageToken: string | undefined },
): Promise<RawPage> {
  const cursor = readOffsetToken(request.pageToken);
  const asked = { after: offsetToRead(cursor), pageSize: request.pageSize };
  const readAt = new Date(context.now()).toISOString();
  const from = new Date(Date.parse(request.window.from) - 1_000).toISOString();
  const page = await readRawPage(context, method.operation, {
    [method.fromParameter]: dateParameter(from), [method.toParameter]: dateParameter(request.window.to), ...asked,
  });
  const step = stepOffset(cursor, { ...page, keys: page.rows.map(method.keyOf) });
  if (step.unchecked === true) context.log.warn({ operation: operationOf(method.operation) }, 'contacts keep leaving the window while it is read; the next window has them');
  return { rows: page.rows.slice(step.skip), readAt, ...(step.next === undefined ? {} : { nextPageToken: writeOffsetToken(step.next) }) };
}

const updates: WindowedMethod = {
  operation: operations['contact.updates'], fromParameter: 'fromDate', toParameter: 'toDate', keyOf: contactKey,
};

/** One page of the contacts that were changed in a window. */
export async function readContacts(context: PlatformContext, stream: StreamDefinition, window: Window, pageToken: string | undefined): Promise<SourcePage> {
  const plan = planOf(await fieldsOf(context), context);
  const { rows: raw, ...page } = await readWindow(context, updates, { window, pageSize: stream.pageSize, pageToken });
  return { ...sortOut(raw.map((contact) => normaliseContact(context, plan, contact))), activities: [], ...page };
}

function contactKey(row: unknown): string {
  if (typeof row !== 'object' || row === null) return '';
  const { encryptedId, externalId } = row as { readonly encryptedId?: unknown; readonly externalId?: unknown };
  return typeof encryptedId === 'string' ? encryptedId : `x:${String(externalId)}`;
}
