import type { Command } from 'commander';
import type { MappingView } from '../../gateway/mapping/mapping-view.ts';
import type { ChangedMappingView } from '../../gateway/routes/mapping.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { at } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { mappingText } from '../output/mapping-text.ts';

/** `mapping show|set|reset`. */
export function addMappingCommands(program: Command, io: CliIo): void {
  const mapping = program.command('mapping').description('which field goes to which property of a platform\'s account');
  mapping.command('show <connector>').description('show it, with what is held back and why').action(run(io, show));
  mapping.command('set <connector> <field=property...>').description('map fields; stored contacts follow, and only what differs is sent')
    .option('--direction <direction>', '«in»: only read, «out»: only written', 'both')
    .addHelpText('after', `
Without a property the field is left out. \`hub connector fields <connector>\` shows the properties; a switch of a set is <set>:<bit>.

  hub mapping set mailplus-1 extra.levelOfInterest=freeField1 extra.golf=list1:2
  hub mapping set mailplus-1 city= --direction out`)
    .action(run(io, set));
  mapping.command('reset <connector> [field...]').description('back to the defaults: these fields, or all').action(run(io, reset));
}

async function show(context: CommandContext, id: string): Promise<void> {
  const client = await context.client();
  const mapping = await client.get<MappingView>(at`/connectors/${id}/mapping`);
  context.print(mapping, () => mappingText(context.paint, mapping));
}

async function set(context: CommandContext, id: string, given: readonly string[], { direction }: { readonly direction: string }): Promise<void> {
  if (!['in', 'out', 'both'].includes(direction)) throw new UsageError(`«${direction}» is no direction.`, 'Give in, out or both.');
  await change(context, id, { set: given.map((argument) => ({ ...entryOf(argument), direction })) });
}

function entryOf(argument: string): { field: string; property: string | null } {
  const equals = argument.indexOf('=');
  if (equals < 1) throw new UsageError(`«${argument}» maps nothing.`, 'Give fields as extra.levelOfInterest=freeField1.');
  return { field: argument.slice(0, equals), property: argument.slice(equals + 1) || null };
}

async function reset(context: CommandContext, id: string, fields: readonly string[]): Promise<void> {
  await change(context, id, { reset: fields.length === 0 ? 'all' : fields });
}

async function change(context: CommandContext, id: string, body: object): Promise<void> {
  const client = await context.client();
  const changed = await client.send<ChangedMappingView>('PATCH', at`/connectors/${id}/mapping`, body);
  context.print(changed, () => [...changed.notes, mappingText(context.paint, changed)].join('\n'));
}
