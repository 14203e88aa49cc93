import type { E2eHub } from './e2e-hub.ts';
import { runProgram } from './e2e-process.ts';
import type { OutsideCoins, OutsideMailplus } from './e2e-sandboxes.ts';
import { waitFor } from './wait-for.ts';

/** Settings of test connectors: pulls come when a test asks for them, and end now. */
const testSettings = { pullIntervalMs: 3_600_000, pullMarginMs: 0 };

/** Adds a Mail+ connector through the API and waits until its first import is done. */
export async function addMailplus(hub: E2eHub, mailplus: OutsideMailplus, id = 'mailplus-1'): Promise<void> {
  await add(hub, { platform: 'mailplus', preset: 'marketing-automation', id, settings: { baseUrl: mailplus.url, ...testSettings }, credentials: mailplus.credentials });
}

/** Adds a Coins connector through the API and waits until it is live. Resolves with its source token. */
export async function addCoins(hub: E2eHub, coins: OutsideCoins, id = 'coins-1'): Promise<string> {
  return add(hub, { platform: 'coins', preset: 'crm', id, settings: { baseUrl: coins.url, ...testSettings }, credentials: { apiToken: coins.token } });
}

async function add(hub: E2eHub, request: { readonly id: string } & Readonly<Record<string, unknown>>): Promise<string> {
  const answer = await hub.api('POST', '/connectors', { ...request, test: true });
  if (answer.status !== 201) throw new Error(`The connector was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
  await untilLive(hub, request.id);
  return String((answer.body as { sourceToken?: string }).sourceToken);
}

/** One `hub` command on the machine of the hub, with credentials from the environment. Resolves with what it prints as JSON. Errors: Error with what it says. */
export async function hubCommand<Result>(hub: E2eHub, args: readonly string[], credentials: Readonly<Record<string, string>> = {}): Promise<Result> {
  const { code, output } = await runProgram({ program: 'cli/main.js', args: [...args, '--json'], environment: { HUB_HOME: hub.homeDirectory, ...credentials } });
  if (code !== 0) throw new Error(output);
  return JSON.parse(output) as Result;
}

/** Adds a test connector with the command line tool; it is not awaited to be live. Resolves with its source token, where it has one. */
export async function addByCommand(hub: E2eHub, platform: 'mailplus' | 'coins', outside: OutsideMailplus | OutsideCoins, settings: Readonly<Record<string, string | number>>): Promise<string> {
  const preset = platform === 'coins' ? 'crm' : 'marketing-automation';
  const credentials = 'credentials' in outside ? { HUB_CREDENTIAL_KEY: outside.credentials.key, HUB_CREDENTIAL_SECRET: outside.credentials.secret } : { HUB_CREDENTIAL_API_TOKEN: outside.token };
  const set = Object.entries({ pullMarginMs: 0, ...settings }).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const { sourceToken } = await hubCommand<{ sourceToken?: string }>(hub, ['connector', 'add', platform, '--preset', preset, '--test', ...set], credentials);
  return sourceToken ?? '';
}

/** Resolves when all first imports of the connector are complete. */
export async function untilLive(hub: E2eHub, id: string, timeoutMs = 30_000): Promise<void> {
  await waitFor(async () => (await hub.row('select phase from connector where id = $1', [id]))['phase'] === 'live', { timeoutMs, message: `${id} to be live` });
}

/** Pulls one data type now and waits until that pull is done. */
export async function pullNow(hub: E2eHub, connectorId: string, dataType: 'contacts' | 'activities'): Promise<void> {
  const schedule = hub.client.schedule.getHandle(`pull/${connectorId}/${dataType}`);
  const before = (await schedule.describe()).info.numActionsTaken;
  await schedule.trigger('BUFFER_ONE');
  const runs = await waitFor(async () => {
    const { info } = await schedule.describe();
    return info.numActionsTaken > before && info.runningActions.length === 0 ? info.recentActions : undefined;
  }, { timeoutMs: 30_000, message: `the pull of ${dataType} at ${connectorId}` });
  const last = runs.at(-1)?.action;
  if (last?.type !== 'startWorkflow') throw new Error('The pull started no workflow.');
  await hub.client.workflow.getHandle(last.workflow.workflowId, last.workflow.firstExecutionRunId).result();
}
