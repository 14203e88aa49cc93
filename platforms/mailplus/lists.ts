import { z } from 'zod';
import type { ActionOutcome, PlatformContext } from '../platform.ts';
import { accountLists, addToList, createList, deleteList, type AccountList, type ListAnswer } from './list-calls.ts';
import { freeName, writeListId } from './list-names.ts';
import { mailplusSettings } from './settings.ts';

/** What `list.replace` needs: one list of a source, by one of its syncs, with the external ids of its members. */
export const listReplaceSchema = z.object({
  listId: z.string().min(1),
  syncId: z.string().min(1),
  name: z.string().trim().min(1),
  memberExternalIds: z.array(z.string().min(1)),
});

/** What `list.remove` needs. */
export const listRemoveSchema = z.object({ listId: z.string().min(1) });

export type ListReplacePayload = z.infer<typeof listReplaceSchema>;
export type ListRemovePayload = z.infer<typeof listRemoveSchema>;

/** Members of one call; Mail+ states no limit. */
const membersPerCall = 1_000;
const maxAttempts = 5;
/** Calls to find the members that Mail+ does not know: enough for twenty or so in a thousand. */
const maxSearchCalls = 400;
const inUse: ActionOutcome = { kind: 'later', reason: 'Mail+ is using the list that this one replaces' };

/**
 * Makes the list that Mail+ has for a source's list the one of this sync. Repeatable at every point: lists of earlier syncs are deleted
 * first (a list cannot be renamed, nor members taken out), then the list is made with its first members if it is missing, then the others are
 * added, or all where it was there; adding one twice changes nothing. Members that Mail+ does not know are left out and counted in the note.
 * `later` while Mail+ uses the earlier list; refused with PLATFORM_LIMIT_REACHED when there is no room, unless the setting
 * `removeOldestList` lets the oldest list of this connector go.
 */
export async function replaceList(context: PlatformContext, payload: ListReplacePayload): Promise<ActionOutcome> {
  const id = writeListId({ connectorId: context.connectorId, listId: payload.listId, syncId: payload.syncId });
  const lists = await accountLists(context);
  const earlier = ownLists(context, lists).filter((list) => list.own?.listId === payload.listId && list.id !== id);
  for (const list of earlier) if (await deleteList(context, list.id) === 'inUse') return inUse;
  const left = lists.filter((list) => !earlier.some((gone) => gone.id === list.id));
  const present = left.find((list) => list.id === id);
  const members = [...new Set(payload.memberExternalIds)];
  const made = present === undefined ? await makeRoomAndCreate(context, id, payload.name, left, members.slice(0, membersPerCall)) : { name: present.name, first: 'out' as const };
  if ('kind' in made) return made;
  const filled = await fill(context, id, members, made.first);
  return filled.kind === 'done' && made.name !== payload.name ? { ...filled, name: made.name } : filled;
}

/** Deletes every list that this connector has for a source's list. Repeatable. `later` while Mail+ uses one. */
export async function removeList(context: PlatformContext, { listId }: ListRemovePayload): Promise<ActionOutcome> {
  for (const list of ownLists(context, await accountLists(context))) {
    if (list.own?.listId !== listId) continue;
    if (await deleteList(context, list.id) === 'inUse') return { kind: 'later', reason: 'Mail+ is using the list' };
  }
  return { kind: 'done' };
}

/** Lists that this connector made, the oldest first. */
function ownLists(context: PlatformContext, lists: readonly AccountList[]): readonly (AccountList & { readonly id: string })[] {
  return lists
    .flatMap((list) => (list.id !== undefined && list.own?.connectorId === context.connectorId ? [{ ...list, id: list.id }] : []))
    .sort((left, right) => (left.createdAt < right.createdAt ? -1 : Number(left.createdAt > right.createdAt)));
}

/** The first members of a list after it was made: in it, still out, or out because Mail+ does not know all of them. */
type FirstMembers = 'in' | 'out' | 'refused';

interface MadeList {
  readonly name: string;
  readonly first: FirstMembers;
}

async function makeRoomAndCreate(
  context: PlatformContext, id: string, name: string, present: readonly AccountList[], members: readonly string[],
): Promise<ActionOutcome | MadeList> {
  let lists = present;
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const free = freeName(name, lists.map((list) => list.name));
    const { answer, first } = await createFilled(context, id, free, members);
    if (answer === 'done') return { name: free, first };
    if (answer === 'exists') return { name: (await accountLists(context)).find((list) => list.id === id)?.name ?? free, first: 'out' };
    if (answer === 'noRoom' && !await removeOldest(context, lists)) return noRoom(context);
    lists = await accountLists(context);
  }
  return { kind: 'later', reason: 'the name of the list keeps being taken in Mail+' };
}

/** With its first members in one call; without them where Mail+ does not know them all, for then it makes nothing (contract §3.9). */
async function createFilled(context: PlatformContext, id: string, name: string, members: readonly string[]): Promise<{ readonly answer: ListAnswer; readonly first: FirstMembers }> {
  const answer = await createList(context, id, name, members);
  if (answer !== 'unknownContacts') return { answer, first: 'in' };
  return { answer: await createList(context, id, name, []), first: 'refused' };
}

/** Whether one of our own lists went: the oldest that Mail+ is not using, if the settings allow it. */
async function removeOldest(context: PlatformContext, lists: readonly AccountList[]): Promise<boolean> {
  if (!mailplusSettings(context.settings).removeOldestList) return false;
  for (const list of ownLists(context, lists)) {
    if (await deleteList(context, list.id) !== 'inUse') return true;
  }
  return false;
}

function noRoom(context: PlatformContext): ActionOutcome {
  const fix = mailplusSettings(context.settings).removeOldestList
    ? 'None of the hub\'s own lists can go: Mail+ is using them.'
    : 'Remove one in Mail+, or let the hub remove the oldest of its own with the setting removeOldestList.';
  return { kind: 'refused', code: 'PLATFORM_LIMIT_REACHED', message: `Mail+ has no room for another static list (at most 30 at once). ${fix}` };
}

async function fill(context: PlatformContext, id: string, members: readonly string[], firstMembers: FirstMembers): Promise<ActionOutcome> {
  const search: Search = { unknown: 0, calls: 0 };
  for (let first = firstMembers === 'in' ? membersPerCall : 0; first < members.length; first += membersPerCall) {
    const add = first === 0 && firstMembers === 'refused' ? searchIn : addKnown;
    const stop = await add(context, id, members.slice(first, first + membersPerCall), search);
    if (stop !== undefined) return { kind: 'later', reason: stop };
  }
  return { kind: 'done', ...(search.unknown === 0 ? {} : { note: `${search.unknown} of ${members.length} members are not known in Mail+ and were left out` }) };
}

/** How the search for members that Mail+ does not know goes. */
interface Search {
  unknown: number;
  /** Calls that only looked for unknown members. */
  calls: number;
}

/** Adds those that Mail+ knows, halving a chunk that it refuses; why that has to stop, or nothing. */
async function addKnown(context: PlatformContext, id: string, members: readonly string[], search: Search): Promise<string | undefined> {
  const answer = await addToList(context, id, members);
  if (answer === 'gone') return 'the list was deleted in Mail+ while it was being filled';
  return answer === 'unknownContacts' ? searchIn(context, id, members, search) : undefined;
}

/** The same for a chunk that Mail+ has refused. */
async function searchIn(context: PlatformContext, id: string, members: readonly string[], search: Search): Promise<string | undefined> {
  if (members.length === 1) {
    search.unknown += 1;
    return undefined;
  }
  search.calls += 2;
  if (search.calls > maxSearchCalls) return 'too many members of the list are not known in Mail+ yet';
  const middle = Math.ceil(members.length / 2);
  return await addKnown(context, id, members.slice(0, middle), search) ?? await addKnown(context, id, members.slice(middle), search);
}
