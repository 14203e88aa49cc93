import type { ActionOutcome, PlatformContext } from '../platform.ts';
import { createAudience, emptyAudience, findAudience, renameAudience, type AudienceAnswer } from './audience-calls.ts';
import type { Report } from './audiences.ts';
import { numberedName } from './list-names.ts';

/** Names to try: Mail+ cannot be asked which are taken. */
const maxNames = 5;

/**
 * Makes an empty audience under a free name. One that has its id already (its making broke off, or an earlier hub made it) is emptied, since
 * nobody knows who is in it. What stands in the way, or nothing.
 */
export async function makeAudience(context: PlatformContext, id: string, name: string, report: Report): Promise<ActionOutcome | undefined> {
  for (let number = 1; number <= maxNames; number += 1) {
    const candidate = numberedName(name, number);
    const answer = await createAudience(context, id, candidate);
    const said = answer.kind === 'unclear' && (await findAudience(context, id)).kind === 'done' ? 'exists' : answer.kind;
    if (said === 'done') return named(report, candidate);
    if (said === 'exists') return takeBack(context, id, name, report);
    if (said !== 'nameTaken' && said !== 'unclear') return stopFor(answer, report);
  }
  return noAudience;
}

/** Gives an audience its new name, with a number where somebody else has it. What stands in the way, or nothing. */
export async function nameAudience(context: PlatformContext, id: string, name: string, report: Report): Promise<ActionOutcome | undefined> {
  for (let number = 1; number <= maxNames; number += 1) {
    const candidate = numberedName(name, number);
    const answer = await renameAudience(context, id, candidate);
    if (answer.kind === 'done') return named(report, candidate);
    if (answer.kind !== 'nameTaken' && answer.kind !== 'unclear') return stopFor(answer, report);
  }
  return noAudience;
}

async function named(report: Report, name: string): Promise<undefined> {
  await report({ kind: 'named', name });
  return undefined;
}

async function takeBack(context: PlatformContext, id: string, name: string, report: Report): Promise<ActionOutcome | undefined> {
  const answer = await emptyAudience(context, id);
  if (answer.kind !== 'done') return stopFor(answer, report);
  await report({ kind: 'emptied' });
  return nameAudience(context, id, name, report);
}

const noAudience: ActionOutcome = {
  kind: 'refused', code: 'PLATFORM_LIMIT_REACHED',
  message: 'Mail+ makes no audience for this selection: it has as many as it takes, or its name is taken. Remove one in Mail+ or rename the selection, then retry.',
};

/** What an answer in the way of an audience leads to. */
export async function stopFor({ kind }: AudienceAnswer, report: Report): Promise<ActionOutcome> {
  switch (kind) {
    case 'notLicensed': return { kind: 'refused', code: 'PLATFORM_NOT_LICENSED', message: noAudiences };
    case 'gone':
      await report({ kind: 'gone' });
      return { kind: 'later', reason: 'the audience was deleted in Mail+; it is made anew' };
    case 'inUse': return { kind: 'later', reason: 'Mail+ is using the audience' };
    case 'unknownContacts': return { kind: 'later', reason: 'Mail+ does not know some members, and other ones each time' };
    default: return noAudience;
  }
}

/** Said once a day at most, and at each check. */
export const noAudiences = 'This Mail+ licence has no audiences: they come with Automation and eCommerce. Have it extended, or let selections become static lists with the setting selections=lists.';
