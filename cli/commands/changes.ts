import type { Command } from 'commander';
import type { ChangesView } from '../../gateway/routes/changes.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { at } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { table } from '../output/table.ts';
import { when } from '../output/times.ts';

interface ChangesOptions {
  readonly after?: string;
  readonly limit: string;
}

/** `changes <connector>`. */
export function addChangeCommands(program: Command, io: CliIo): void {
  program.command('changes <connector>').description('what the hub has for a system that reads its change feed, oldest first')
    .option('--after <cursor>', 'go on behind a cursor; the beginning of what is kept when not given').option('--limit <number>', 'how many, at most 1000', '50')
    .addHelpText('after', '\nThe data itself is shown with --json only.')
    .action(run(io, changes));
}

async function changes(context: CommandContext, connectorId: string, { after, limit }: ChangesOptions): Promise<void> {
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > 1_000) throw new UsageError(`«${limit}» is no number of things to show.`, 'Give a whole number from 1 to 1000.');
  const client = await context.client();
  const answer = await client.get<ChangesView>(at`/connectors/${connectorId}/changes`, { after, limit });
  context.print(answer, () => changesText(answer));
}

function changesText({ entries, next, more }: ChangesView): string {
  if (entries.length === 0) return next === null ? 'The hub has had nothing for this system yet; one with a webhookUrl has no feed.' : 'Nothing came behind this cursor.';
  return [
    table(['when (UTC)', 'type', 'what', 'id there', 'changed'], entries.map((one) => [when(one.at), one.dataType, one.kind, one.externalId, one.changes.join(', ')])),
    `${more ? 'There is more' : 'What comes behind'}: --after ${next ?? ''}`,
  ].join('\n');
}
