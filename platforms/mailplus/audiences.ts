import { z } from 'zod';
import type { ActionOutcome, ActionStep, PlatformContext } from '../platform.ts';
import { addToAudience, deleteAudience, emptyAudience, takeFromAudience, type AudienceAnswer } from './audience-calls.ts';
import { makeAudience, nameAudience, stopFor } from './audience-making.ts';
import { writeAudienceId } from './list-names.ts';
import { maxAudienceContacts } from './operations/audience.ts';

const ids = z.array(z.string().min(1));

/** What `audience.replace` needs: one selection of a source, and in what it differs from what Mail+ is known to have of it. */
export const audienceReplaceSchema = z.object({
  listId: z.string().min(1),
  name: z.string().trim().min(1),
  /** Mail+ is known to have it. */
  isMade: z.boolean(),
  /** It is there under another name than this one. */
  isRenamed: z.boolean(),
  add: ids,
  remove: ids,
  /** Nobody stays who is in it now. */
  isWhole: z.boolean(),
});

/** What `audience.remove` needs. */
export const audienceRemoveSchema = z.object({ listId: z.string().min(1), isMade: z.boolean() });

export type AudienceReplacePayload = z.infer<typeof audienceReplaceSchema>;
export type AudienceRemovePayload = z.infer<typeof audienceRemoveSchema>;

/** Keeps what a part did. */
export type Report = (step: ActionStep) => Promise<void>;

/**
 * Makes the audience of a selection what the source says, with the difference only: nothing where nothing differs, at most 2,500 contacts
 * a call, those who leave first. Repeatable at every point; what is done is reported part by part. Contacts that Mail+ does not know
 * are left out and counted in the note. `later` when a person deleted the audience: it is made anew then. Refused with PLATFORM_NOT_LICENSED
 * where the licence has no audiences, and with PLATFORM_LIMIT_REACHED when Mail+ makes no more.
 */
export async function replaceAudience(context: PlatformContext, payload: AudienceReplacePayload, report: Report = () => Promise.resolve()): Promise<ActionOutcome> {
  const id = writeAudienceId(context.connectorId, payload.listId);
  const stop = await prepare(context, id, payload, report) ?? await takeOut(context, id, payload, report);
  if (stop !== undefined) return stop;
  let unknown = 0;
  for (const members of chunksOf(payload.add)) {
    const done = await changeMembers(members, (contacts) => addToAudience(context, id, contacts));
    if ('stop' in done) return stopFor(done.stop, report);
    unknown += members.length - done.changed.length;
    await report({ kind: 'added', members: done.changed });
  }
  return { kind: 'done', ...(unknown === 0 ? {} : { note: `${unknown} of ${payload.add.length} new members are not known in Mail+ and were left out` }) };
}

/** Deletes the audience of a selection, if it may be there. Repeatable. `later` while Mail+ uses it. */
export async function removeAudience(context: PlatformContext, { listId, isMade }: AudienceRemovePayload, report: Report = () => Promise.resolve()): Promise<ActionOutcome> {
  if (!isMade) return { kind: 'done' };
  const { kind } = await deleteAudience(context, writeAudienceId(context.connectorId, listId));
  if (kind === 'inUse') return { kind: 'later', reason: 'Mail+ is using the audience' };
  if (kind === 'notLicensed') return stopFor({ kind }, report);
  await report({ kind: 'gone' });
  return { kind: 'done' };
}

async function prepare(context: PlatformContext, id: string, { name, isMade, isRenamed }: AudienceReplacePayload, report: Report): Promise<ActionOutcome | undefined> {
  if (!isMade) return makeAudience(context, id, name, report);
  return isRenamed ? nameAudience(context, id, name, report) : undefined;
}

/** Who leaves. One call where nobody stays and it spares calls. */
async function takeOut(context: PlatformContext, id: string, { remove, isWhole }: AudienceReplacePayload, report: Report): Promise<ActionOutcome | undefined> {
  if (isWhole && remove.length > maxAudienceContacts) {
    const answer = await emptyAudience(context, id);
    if (answer.kind !== 'done') return stopFor(answer, report);
    await report({ kind: 'emptied' });
    return undefined;
  }
  for (const members of chunksOf(remove)) {
    const done = await changeMembers(members, (contacts) => takeFromAudience(context, id, contacts));
    if ('stop' in done) return stopFor(done.stop, report);
    await report({ kind: 'removed', members });
  }
  return undefined;
}

type Changed = { readonly changed: readonly string[] } | { readonly stop: AudienceAnswer };

/** One call, and a second one without those that Mail+ names as unknown. */
async function changeMembers(members: readonly string[], call: (contacts: readonly string[]) => Promise<AudienceAnswer>): Promise<Changed> {
  const first = await call(members);
  if (first.kind === 'done') return { changed: members };
  if (first.kind !== 'unknownContacts') return { stop: first };
  const unknown = new Set(first.ids);
  const known = members.filter((member) => !unknown.has(member));
  if (known.length === 0) return { changed: [] };
  const second = known.length === members.length ? first : await call(known);
  return second.kind === 'done' ? { changed: known } : { stop: second };
}

function chunksOf(members: readonly string[]): readonly string[][] {
  return Array.from({ length: Math.ceil(members.length / maxAudienceContacts) }, (_, index) => members.slice(index * maxAudienceContacts, (index + 1) * maxAudienceContacts));
}
