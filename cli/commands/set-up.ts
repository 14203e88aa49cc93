import type { Command } from 'commander';
import type { OnboardingView, PlatformView, PresetView } from '../../gateway/routes/set-up.ts';
import { run, type CommandContext } from '../context.ts';
import { at } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { facts, table } from '../output/table.ts';

/** `platforms`, `presets [show <id>]`, `onboarding`. */
export function addSetUpCommands(program: Command, io: CliIo): void {
  program.command('platforms').description('list the platforms that can be connected').action(run(io, platforms));
  const presets = program.command('presets').description('list the presets').action(run(io, listPresets));
  presets.command('show <preset>').description('show what a preset moves, and how far back it reads').action(run(io, showPreset));
  program.command('onboarding').description('the six steps: what is done, what is next').action(run(io, onboarding));
}

async function platforms(context: CommandContext): Promise<void> {
  const client = await context.client();
  const answer = await client.get<{ platforms: PlatformView[] }>('/platforms');
  context.print(answer, () => table(['platform', 'name', 'class', 'presets', 'credentials', 'settings'],
    answer.platforms.map((one) => [one.id, one.title, one.class, one.presets.join('\n'), one.credentials.join('\n'), one.settings.join('\n')])));
}

async function listPresets(context: CommandContext): Promise<void> {
  const client = await context.client();
  const answer = await client.get<{ presets: PresetView[] }>('/presets');
  const flow = (preset: PresetView, direction: 'import' | 'export') => preset.dataTypes.filter((one) => one[direction] !== 'no').map((one) => one.dataType).join('\n');
  context.print(answer, () => table(['preset', 'name', 'for', 'imports', 'exports'],
    answer.presets.map((preset) => [preset.id, preset.title, preset.platformClasses.join('\n'), flow(preset, 'import'), flow(preset, 'export')])));
}

async function showPreset(context: CommandContext, id: string): Promise<void> {
  const client = await context.client();
  const preset = await client.get<PresetView>(at`/presets/${id}`);
  context.print(preset, () => [
    facts([['preset', preset.id], ['name', preset.title], ['class', preset.class]]),
    ...preset.about,
    table(['data type', 'import', 'export', 'first import reads back'], preset.dataTypes.map((one) => [one.dataType, one.import, one.export, one.lookback ?? ''])),
    ...preset.footnotes, ...preset.notes.map((note) => `Please note: ${note}`),
  ].join('\n'));
}

async function onboarding(context: CommandContext): Promise<void> {
  const client = await context.client();
  const answer = await client.get<OnboardingView>('/onboarding');
  const marks = { done: context.paint.good('done'), skipped: context.paint.faint('skipped'), next: context.paint.strong('next'), open: '' } as const;
  context.print(answer, () => [
    table(['step', 'what', 'state', 'connectors'], answer.steps.map((step) => [step.number, step.title, marks[step.state], step.connectors.join(', ')])),
    answer.next === null ? 'Every step that comes after the ones done is done.' : `Next: ${answer.next}. A step may be skipped.`,
  ].join('\n'));
}
