import type { Connected } from './connect.ts';
import { campaign, listSyncReport, startListSync, staticLists, type DemoList } from './list-sync.ts';
import { judgeMailplus } from './mailplus-checks.ts';
import { mailplusSummary, type MailplusEffects } from './outside.ts';
import { watchProgress } from './progress.ts';
import { untilQuiet, type Stage } from './stage.ts';

/** Coins sends its first list; the people on it land in Mail+, once each. */
export async function firstList(stage: Stage, connected: Connected): Promise<void> {
  const { checks, data, mailplus, say } = stage;
  const list: DemoList = { id: 'L-1', name: 'Oakwold interest', prospectIds: data.firstIds };
  say(`Coins starts a list sync of ${data.firstIds.length} prospects: shared addresses, none at all, odd capitals, invalid ones.`);
  const syncId = await startListSync(stage, connected, list);
  await watchProgress({ title: 'Coins to Mail+', unit: 'contacts in Mail+', total: data.first.contactsAtEnd, value: async () => (await mailplusSummary(mailplus)).contacts });
  const report = await listSyncReport(stage, syncId);
  await untilQuiet(stage);
  const verdict = await judgeMailplus(mailplus, data.first, new Set());
  const lists = await staticLists(stage, list);
  if (verdict.wrongExamples.length > 0) say(`Look at the prospects ${verdict.wrongExamples.join(', ')}.`);
  checks.part('First list sync, Coins to Mail+');
  checks.equal('prospects sent', data.first.prospectsSent, report.accepted + report.rejected.length);
  checks.equal('rejected, in the answers to Coins', data.first.rejected, report.rejected.length);
  checks.equal('excluded: a phone and no valid address, so not in Mail+', data.first.excluded, report.accepted - verdict.prospectsThere);
  checks.equal('merged: prospects that share a contact with another', data.first.mergedAway, verdict.prospectsThere - verdict.peopleThere);
  checks.equal('contacts in Mail+', data.first.contactsAtEnd, verdict.contacts);
  checks.equal('people who are not there exactly once', 0, verdict.notOnce);
  checks.equal('contacts with the e-mail permission on', data.first.permissionOnAtEnd, verdict.permissionOn);
  checks.equal('people with a wrong permission', 0, verdict.wrongPermission);
  checks.equal('static lists in Mail+ for it', 1, lists.length);
  checks.equal('members of that list', data.first.people, lists[0]?.members.length ?? 0);
}

/** Coins sends a list of people who are there already: Mail+ gets the list and not a single contact. Returns its name in Mail+. */
export async function audienceList(stage: Stage, connected: Connected): Promise<string> {
  const { checks, data, mailplus, say } = stage;
  const list: DemoList = { id: 'L-2', name: 'Oakwold open days', prospectIds: data.audienceIds, campaign };
  const upserts = async (): Promise<number> => {
    const { totals } = await mailplus.control.get<MailplusEffects>('/effects');
    return totals.changingUpserts + totals.identicalUpserts + totals.refusedUpserts;
  };
  const before = await upserts();
  say(`Coins sends a list of ${list.prospectIds.length} of them, for a campaign: nothing about them is new.`);
  await listSyncReport(stage, await startListSync(stage, connected, list));
  await untilQuiet(stage);
  const lists = await staticLists(stage, list);
  checks.part('A list of people who are there already');
  checks.equal('contacts sent to Mail+ for it', 0, (await upserts()) - before);
  checks.equal('members of its static list', data.audience.length, lists[0]?.members.length ?? 0);
  return lists[0]?.name ?? '';
}
