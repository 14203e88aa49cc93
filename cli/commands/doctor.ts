import type { Command } from 'commander';
import type { ConnectorSummary } from '../../gateway/connectors/connector-view.ts';
import type { CheckView } from '../../gateway/routes/connectors.ts';
import { run, type CommandContext } from '../context.ts';
import { failed, type Finding } from '../doctor/finding.ts';
import { explain, FoundProblems } from '../errors.ts';
import { at, type GatewayClient } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { table, wrapped } from '../output/table.ts';

/** `doctor`. */
export function addDoctor(program: Command, io: CliIo): void {
  program.command('doctor').description('is every part reachable, and what to do if not').action(run(io, doctor));
}

async function doctor(context: CommandContext): Promise<void> {
  const { checkServers } = await import('../doctor/server-checks.ts');
  const findings = [...await checkServers(), ...await checkGateway(context)];
  const ok = findings.every((finding) => finding.ok);
  context.print({ ok, findings }, () => report(context, findings, ok));
  if (!ok) throw new FoundProblems();
}

function report({ paint }: CommandContext, findings: readonly Finding[], ok: boolean): string {
  return [
    table(['part', '', 'what', 'what to do'], findings.map((one) => [one.part, one.ok ? paint.good('ok') : paint.bad('not ok'), wrapped(one.what, 60), wrapped(one.fix, 50)])),
    ok ? 'Every part is reachable.' : 'Begin with the first part that is not ok: the ones below may only follow from it.',
  ].join('\n');
}

async function checkGateway(context: CommandContext): Promise<Finding[]> {
  try {
    const client = await context.client();
    const { connectors } = await client.get<{ connectors: ConnectorSummary[] }>('/connectors');
    const found: Finding[] = [{ part: 'gateway', ok: true, what: client.url, fix: '' }];
    for (const connector of connectors) found.push(await checkOne(client, connector));
    return found;
  } catch (error) {
    return [failed('gateway', explain(error))];
  }
}

async function checkOne(client: GatewayClient, { id, paused }: ConnectorSummary): Promise<Finding> {
  const part = `connector ${id}`;
  try {
    const { ok, problems } = await client.send<CheckView>('POST', at`/connectors/${id}/check`, {});
    const [problem] = problems;
    if (ok || problem === undefined) return { part, ok: true, what: paused ? 'its platform answers; it is paused' : 'its platform answers', fix: paused ? `hub resume ${id}` : '' };
    return failed(part, problem);
  } catch (error) {
    return failed(part, explain(error));
  }
}
