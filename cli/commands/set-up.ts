import type { Command } from 'commander';
import type { OnboardingView, PlatformView, PresetView } from '../../gateway/routes/set-up.ts';
import { run, type CommandContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { at } from '../gateway-client.ts';
import type { CliIo } from '../io.ts';
import { facts, table } from '../output/table.ts';

/** `platforms`, `presets [show <id>]`, `onboarding`. */
export function addSetUpCommands(program: Command, io: CliIo): void {
  const all = program.command('platforms').description('list the platforms that can be connected').action(run(io, platforms));
  all.command('show <platform>').description('show what a platform needs and what it offers').action(run(io, showPlatform));
  const presets = program.command('presets').description('list the presets').action(run(io, listPresets));
  presets.command('show <preset>').description('show what a preset moves, and how far back it reads').action(run(io, showPreset));
  program.command('onboarding').description('the six steps: what is done, what is next').action(run(io, onboarding));
}

async function platforms(context: CommandContext): Promise<void> {
  const client = await context.client();
  const answer = await client.get<{ platforms: PlatformView[] }>('/platforms');
  context.print(answer, () => table(['platform', 'name', 'class', 'presets', 'credentials', 'settings that it needs'],
    answer.platforms.map((one) => [one.id, one.title, one.classes.length === 0 ? one.class : 'as it is set', one.presets.join('\n'), one.credentials.join('\n'), one.settingFacts.filter(({ required }) => required).map(({ name }) => name).join('\n')])));
}

async function showPlatform(context: CommandContext, id: string): Promise<void> {
  const client = await context.client();
  const { platforms: known } = await client.get<{ platforms: PlatformView[] }>('/platforms');
  const platform = known.find((one) => one.id === id);
  if (platform === undefined) throw new UsageError(`There is no platform «${id}».`, `Choose one of: ${known.map((one) => one.id).join(', ')}.`);
  context.print(platform, () => [
    facts([['platform', platform.id], ['name', platform.title], ['class', platform.classes.length === 0 ? platform.class : `set by the setting class: ${platform.classes.join(', ')}`], ['presets', platform.presets.join(', ')], ['credentials', platform.credentials.map((name) => (platform.optionalCredentials.includes(name) ? `${name} (may be left out)` : name)).join(', ')]]),
    table(['setting', 'default'], platform.settingFacts.map((one) => [one.name, one.required ? 'has to be given' : one.default === null ? '' : textOf(one.default)])),
    table(['data type', 'read', 'written', 'please note'], platform.dataTypes.filter((one) => one.import || one.export || one.note !== null)
      .map((one) => [one.dataType, one.import ? 'yes' : 'no', one.export ? 'yes' : 'no', one.note ?? ''])),
    `\`hub connector add ${platform.id} --set <setting>=<value> …\` adds one; docs/${pageOf(platform.id)}.md explains the settings.`,
  ].join('\n'));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
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
  const { platforms } = await client.get<{ platforms: PlatformView[] }>('/platforms');
  context.print(answer, () => [
    table(['step', 'what', 'state', 'connectors', 'platforms of this hub'], answer.steps.map((step) => [step.number, step.title, marks[step.state], step.connectors.join(', '), step.platforms.join(', ')])),
    nextText(answer, platforms),
  ].join('\n'));
}

/** The next step, and the command for it or for the first one after it that this hub has a platform for. */
function nextText({ steps, next }: OnboardingView, platforms: readonly PlatformView[]): string {
  if (next === null) return 'Every step is done.';
  const ahead = steps.filter((step) => step.state === 'next' || step.state === 'open');
  const possible = ahead.find((step) => step.platforms.length > 0);
  const command = possible === undefined ? ' This hub has no platform for it or for a later step.'
    : ` ${possible.state === 'next' ? '' : `This hub has no platform for it; the first later step that it has one for is «${possible.title}». `}Add it with: hub connector add ${additionOf(possible, platforms)}`;
  return `Next: ${next}. Any step may be skipped, but not made up for later.${command}`;
}

/** The platform, and the class where it has to choose one. */
function additionOf({ platforms: [id = ''], classes: [chosen = ''] }: OnboardingView['steps'][number], platforms: readonly PlatformView[]): string {
  const hasChoice = (platforms.find((one) => one.id === id)?.classes.length ?? 0) > 0;
  return hasChoice ? `${id} --set class=${chosen}` : id;
}

/** The page of the documentation about a platform. */
const pageOf = (platformId: string): string => (platformId === 'custom' ? 'custom-system' : platformId);
