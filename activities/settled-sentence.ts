import type { Retried, SettledCounts } from '../db/repositories/failed/settle-failed.ts';

const names: Readonly<Record<keyof SettledCounts, readonly [one: string, many: string]>> = {
  delivery: ['delivery', 'deliveries'], action: ['action', 'actions'], record: ['rejected record', 'rejected records'], call: ['failed call', 'failed calls'],
  inbox: ['request', 'requests'], list: ['list sync', 'list syncs'],
};

/** What `retryFailed` did, for a person: what is tried again, what only the source can put right, and whether a wait was ended. */
export function retriedSentence({ retried, left, waitEnded }: Retried): string {
  const again = partsOf(retried);
  const sentences = [
    ...(waitEnded ? ['The wait is ended.'] : []),
    again.length > 0 ? `Tried again: ${again.join(', ')}.` : waitEnded ? 'What waited is tried again.' : 'There is nothing to try again.',
    ...(left.record > 0 ? [`${countOf('record', left.record)} cannot be tried again from here: the source has to send ${left.record === 1 ? 'it' : 'them'} again, corrected (or set aside with \`hub failed skip\`).`] : []),
    ...(left.list > 0 ? [`${countOf('list', left.list)} cannot be tried again from here: the source has to send the missing pages, or a new list sync (or set aside with \`hub failed skip\`).`] : []),
    ...(left.action > 0 ? [`${countOf('action', left.action)} may have been carried out and ${left.action === 1 ? 'is' : 'are'} not tried again together with others: \`hub failed show\` tells the question, \`hub failed retry <id>\` or \`hub failed skip <id>\` answers it.`] : []),
  ];
  return sentences.join(' ');
}

/** What `skipFailed` did, for a person. */
export function skippedSentence(skipped: SettledCounts): string {
  const parts = partsOf(skipped);
  return parts.length === 0 ? 'There is nothing to set aside.' : `Set aside: ${parts.join(', ')}.`;
}

function partsOf(counts: SettledCounts): string[] {
  return (Object.keys(names) as (keyof SettledCounts)[]).flatMap((kind) => (counts[kind] === 0 ? [] : [countOf(kind, counts[kind])]));
}

function countOf(kind: keyof SettledCounts, count: number): string {
  return `${count} ${names[kind][count === 1 ? 0 : 1]}`;
}
