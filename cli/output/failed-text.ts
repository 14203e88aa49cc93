import type { FailedView } from '../../gateway/routes/failed.ts';
import { counted, number } from './counts.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';
import { when } from './times.ts';

/** Failed things as a table with short lines; what happened and what to do follows once for each code and message. */
export function failedListText(paint: Paint, { total, items }: { readonly total: number; readonly items: readonly FailedView[] }): string {
  if (items.length === 0) return total === 0 ? 'Nothing failed.' : `${number(total)} failed, fewer than were passed over.`;
  return [
    table(['id', 'when (UTC)', 'what', 'about', 'attempts', 'answer', 'code', 'next attempt (UTC)'], items.map((item) => [
      item.id, when(item.at), item.operation, recordText(item), item.attempts, item.status ?? '', item.code, when(item.nextAttemptAt),
    ])),
    ...(total > items.length ? [`${number(items.length)} of ${number(total)} are shown; --limit shows more.`] : []),
    ...advice(paint, items),
  ].join('\n');
}

/** The record and the thing of a platform that something is about. */
export function recordText({ recordId, externalId }: Pick<FailedView, 'recordId' | 'externalId'>): string {
  if (recordId === null) return externalId ?? '';
  return externalId === null || externalId === String(recordId) ? `record ${recordId}` : `record ${recordId}, ${externalId}`;
}

function advice(paint: Paint, items: readonly FailedView[]): string[] {
  const byCode = new Map<string, { readonly fix: string; readonly messages: Map<string, number> }>();
  for (const { code, fix, message } of items) {
    const entry = byCode.get(code) ?? { fix, messages: new Map<string, number>() };
    entry.messages.set(message, (entry.messages.get(message) ?? 0) + 1);
    byCode.set(code, entry);
  }
  return [...byCode].flatMap(([code, { fix, messages }]) => [
    paint.strong(code), ...[...messages].map(([message, count]) => `  ${counted(count, 'time')}: ${message}`), `  What to do: ${fix}`,
  ]);
}
