import { EMAIL_PERMISSION_BIT, oracleEmail, type Expected } from '../sandbox/dataset/index.ts';
import { mailplusContacts, type MailplusContact, type MailplusEffects, type Outside } from './outside.ts';

/** What Mail+ holds, compared with what the oracle expects. */
export interface MailplusVerdict {
  readonly contacts: number;
  readonly permissionOn: number;
  /** Prospects whose address Mail+ has a contact for. */
  readonly prospectsThere: number;
  /** People who have a contact in Mail+. */
  readonly peopleThere: number;
  /** People of whom Mail+ has no contact, or more than one. */
  readonly notOnce: number;
  /** People whose permission is not what it must be. */
  readonly wrongPermission: number;
  /** The prospects of the first few of whom something is wrong. */
  readonly wrongExamples: readonly string[];
}

const examplesKept = 5;

/** Compares every contact of Mail+ with the people expected; `withdrawn` are addresses that were unsubscribed since. */
export async function judgeMailplus(mailplus: Outside, expected: Expected, withdrawn: ReadonlySet<string>): Promise<MailplusVerdict> {
  const contacts = await mailplusContacts(mailplus);
  const byEmail = byAddress(contacts);
  const verdict = { prospectsThere: 0, peopleThere: 0, notOnce: 0, wrongPermission: 0 };
  const wrongExamples: string[] = [];
  for (const [email, person] of expected.peopleByEmail) {
    const found = byEmail.get(email) ?? [];
    const wanted = person.permissionOn && !withdrawn.has(email);
    if (found.length > 0) {
      verdict.peopleThere += 1;
      verdict.prospectsThere += person.prospectIds.length;
    }
    const isWrong = found.some((contact) => hasPermission(contact) !== wanted);
    if (found.length !== 1) verdict.notOnce += 1;
    if (isWrong) verdict.wrongPermission += 1;
    if ((isWrong || found.length !== 1) && wrongExamples.length < examplesKept) wrongExamples.push(person.prospectIds.join(' and '));
  }
  return { contacts: contacts.length, permissionOn: contacts.filter(hasPermission).length, wrongExamples, ...verdict };
}

/**
 * Contacts of which a permission was switched more often than what people said asks for. Three prospects with one address that say
 * yes, no and yes again switch it on twice when each of them is delivered before the next one comes.
 */
export function switchedTooOften({ repeatedFlips }: Pick<MailplusEffects, 'repeatedFlips'>, { peopleByEmail }: Pick<Expected, 'peopleByEmail'>): number {
  return repeatedFlips.filter(({ email, permissionFlips }) => Object.entries(permissionFlips).some(([bit, { on, off }]) => {
    const said = Number(bit) === EMAIL_PERMISSION_BIT ? peopleByEmail.get(oracleEmail(email ?? '') ?? '')?.mostSwitches : undefined;
    return on > Math.max(1, said?.on ?? 1) || off > Math.max(1, said?.off ?? 1);
  })).length;
}

const hasPermission = ({ permissions }: MailplusContact): boolean => permissions.includes(EMAIL_PERMISSION_BIT);

function byAddress(contacts: readonly MailplusContact[]): Map<string, MailplusContact[]> {
  const found = new Map<string, MailplusContact[]>();
  for (const contact of contacts) {
    const email = oracleEmail(contact.email ?? '') ?? '';
    found.set(email, [...(found.get(email) ?? []), contact]);
  }
  return found;
}
