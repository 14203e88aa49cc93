import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import type { AddedView } from '../gateway/routes/connectors.ts';
import { hubCommand } from './command-line.ts';
import type { Outside } from './outside.ts';
import { mailplusSummary } from './outside.ts';
import { places } from './places.ts';
import { watchProgress, waitUntil } from './progress.ts';
import { statusOf, type Stage } from './stage.ts';

/** Ids of the connectors, as the hub gives them out to the first of each platform. */
export const connectorIds = { mailplus: 'mailplus-1', coins: 'coins-1' } as const;

const pullSettings = ['--set', 'pullIntervalMs=10000', '--set', 'pullMarginMs=500'] as const;
const firstImportTimeoutMs = 60_000;

/** What the steps after it need of the connectors. */
export interface Connected {
  /** With which Coins calls the hub. */
  readonly sourceToken: string;
  /** Links into the Temporal UI, one a connector. */
  readonly temporalUi: Readonly<Record<string, string | null>>;
}

/** Adds Mail+ and then Coins, in the order of the onboarding page, and waits for the first import. */
export async function connect(stage: Stage): Promise<Connected> {
  const { say } = stage;
  say('Adding the connectors with the command line tool. They are test connectors (--test): only those may pull every 10 s, and up to half a second ago instead of 10 minutes.');
  const mailplus = await addConnector(stage, 'mailplus', 'marketing-automation', stage.mailplus);
  const coins = await addConnector(stage, 'coins', 'crm', stage.coins);
  await firstImport(stage);
  return { sourceToken: coins.sourceToken ?? '', temporalUi: { [connectorIds.mailplus]: mailplus.connector.temporalUi, [connectorIds.coins]: coins.connector.temporalUi } };
}

async function addConnector({ say }: Stage, platform: string, preset: string, { url, credentials }: Outside): Promise<AddedView> {
  const file = join(places.home, `${platform}-credentials.json`);
  await writeFile(file, JSON.stringify(credentials), { mode: 0o600 });
  const args = ['connector', 'add', platform, '--preset', preset, '--test', '--set', `baseUrl=${url}`, ...pullSettings];
  say(`$ npx hub ${args.join(' ')} --credentials-file ${platform}-credentials.json`);
  return hubCommand<AddedView>([...args, '--credentials-file', file]);
}

async function firstImport(stage: Stage): Promise<void> {
  const { checks, data, mailplus, say } = stage;
  const imported = async (): Promise<number> => (await firstImportOf(stage, connectorIds.mailplus))?.rows ?? 0;
  await watchProgress({ title: 'First import from Mail+', unit: 'contacts', total: data.existingContacts.length, value: imported });
  const isLive = async (id: string): Promise<boolean> => (await statusOf(stage, id)).connector.phase === 'live';
  for (const id of Object.values(connectorIds)) {
    if (!(await waitUntil(() => isLive(id), firstImportTimeoutMs))) say(`${id} is not live after ${firstImportTimeoutMs / 1000} s.`);
  }
  const run = await firstImportOf(stage, connectorIds.mailplus);
  const { contacts } = await mailplusSummary(mailplus);
  say(`The first import read back to ${run?.from.slice(0, 10) ?? '?'}.`);
  checks.part('First import, ten years back');
  checks.equal('contacts that Mail+ had before, found by the hub', data.first.contactsAtStart, run?.rows ?? 0);
  checks.equal('contacts in Mail+ afterwards (nothing was written)', data.first.contactsAtStart, contacts);
}

async function firstImportOf(stage: Stage, connectorId: string) {
  return (await statusOf(stage, connectorId)).backfills.find(({ dataType, first }) => dataType === 'contacts' && first);
}
