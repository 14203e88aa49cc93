import { mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import type { StopReason } from '../workers/stop-request.ts';
import { Checks } from './checks.ts';
import { connect, type Connected } from './connect.ts';
import { makeData } from './data.ts';
import { audienceList, firstList } from './first-list.ts';
import { startDemoHub, type DemoHub } from './hub.ts';
import { marketing } from './marketing.ts';
import type { DemoOptions } from './options.ts';
import { seedContacts, startCoins, startMailplus } from './outside.ts';
import { clearHome, places } from './places.ts';
import { Processes } from './processes.ts';
import { secondList } from './second-list.ts';
import type { Stage } from './stage.ts';

type Say = Stage['say'];

/** Runs the demo and returns its exit code. Everything that it started has ended by then, whatever happened. */
export async function runDemo(options: DemoOptions, stopping: Promise<StopReason>): Promise<number> {
  const processes = new Processes();
  const say = narrator();
  const stopped = stopping.then(() => 'stopped' as const);
  try {
    const failed = await Promise.race([play(options, processes, say), stopped]);
    if (failed !== 'stopped' && !options.once) {
      process.stdout.write('\nThe hub stays up: look around. Ctrl-C stops everything.\n');
      await stopped;
    }
    return failed === 'stopped' ? 130 : Math.min(failed, 1);
  } finally {
    say('Stopping everything that was started.');
    await processes.stopAll();
    say('Stopped.');
  }
}

/** Prints what happens, with the seconds since the start. */
function narrator(): Say {
  const startedAt = performance.now();
  return (text) => void process.stdout.write(`[${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s] ${text}\n`);
}

/** The demo itself. Returns how many checks did not hold. */
async function play(options: DemoOptions, processes: Processes, say: Say): Promise<number> {
  const checks = new Checks();
  const stage = { checks, say, ...(await setTheStage(options, processes, say)) };
  const connected = await connect(stage);
  await firstList(stage, connected);
  await marketing(stage, await audienceList(stage, connected));
  await secondList(stage, connected);
  const { count, failed } = checks.summary;
  say('Done. Expected numbers come from the data alone, counted ones from the sandbox Mail+ and Coins:');
  process.stdout.write(`${checks.text()}\n${failed === 0 ? `All ${count} checks held.` : `${failed} of ${count} checks did NOT hold.`}\n${addresses(stage.hub, connected)}`);
  return failed;
}

async function setTheStage(options: DemoOptions, processes: Processes, say: Say): Promise<Omit<Stage, 'checks' | 'say'>> {
  clearHome();
  mkdirSync(places.home, { recursive: true });
  say(`Starting PostgreSQL, the Temporal server, the hub, and sandbox servers for Mail+ and Coins (seed ${options.seed}; logs in ${relative(process.cwd(), places.home)}/logs).`);
  const starting = [startDemoHub(processes), startMailplus(processes), startCoins(processes, options.seed, options.prospects + options.moreProspects)] as const;
  const data = makeData(options);
  const [hub, mailplus, coins] = await Promise.all(starting);
  await seedContacts(mailplus, data.existingContacts);
  say(`Everything runs. Mail+ has ${data.existingContacts.length} contacts, Coins has ${options.prospects + options.moreProspects} prospects.`);
  return { data, hub, mailplus, coins };
}

function addresses({ gatewayUrl, temporalUiUrl }: DemoHub, { temporalUi }: Connected): string {
  const lines = [
    ['Gateway', gatewayUrl], ['API (OpenAPI)', `${gatewayUrl}/docs`],
    ...(temporalUiUrl === undefined ? [] : [['Temporal UI', temporalUiUrl]]),
    ...Object.entries(temporalUi).flatMap(([id, link]) => (link === null ? [] : [[`  ${id}`, link]])),
    ['Command line', `HUB_HOME=${relative(process.cwd(), places.home)} npx hub status`],
  ];
  return `\n${lines.map(([name = '', value = '']) => `${name.padEnd(16)}${value}`).join('\n')}\n`;
}
