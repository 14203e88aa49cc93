import { z } from 'zod';
import { inAccount } from '../../db/database.ts';
import { listConnectors } from '../../db/repositories/connectors.ts';
import { HubError } from '../../domain/errors.ts';
import { dataTypes } from '../../domain/presets/data-types.ts';
import { onboardingStatus } from '../../domain/presets/onboarding.ts';
import { presetsFor } from '../../domain/presets/preset-choice.ts';
import { isPresetId, presetIds, presetOf, type PresetId } from '../../domain/presets/presets.ts';
import type { Platform } from '../../platforms/platform.ts';
import { connectorClasses } from '../connectors/admission.ts';
import { settingFacts, settingNames } from '../connectors/check-settings.ts';
import { callerOf } from '../http/access.ts';
import type { App } from '../http/app.ts';
import { answers } from '../http/error-answer.ts';
import type { ApiDependencies } from './api.ts';

const platformSchema = z.object({
  id: z.string(),
  title: z.string(),
  class: z.string(),
  classes: z.array(z.string()).describe('Classes of which a connector has to choose one, by the setting `class`; empty where the platform has one.'),
  presets: z.array(z.string()),
  settings: z.array(z.string()),
  settingFacts: z.array(z.object({ name: z.string(), required: z.boolean(), default: z.unknown().describe('null when there is none.') })),
  credentials: z.array(z.string()),
  optionalCredentials: z.array(z.string()).describe('Those of them that may be left out.'),
  feedsHub: z.boolean().describe('Whether it sends to the hub by itself.'),
  dataTypes: z.array(z.object({ dataType: z.string(), import: z.boolean(), export: z.boolean(), note: z.string().nullable() })),
}).meta({ id: 'Platform' });

const presetSchema = z.object({
  id: z.string(),
  title: z.string(),
  class: z.string(),
  platformClasses: z.array(z.string()),
  about: z.array(z.string()),
  notes: z.array(z.string()),
  footnotes: z.array(z.string()),
  dataTypes: z.array(z.object({ dataType: z.string(), import: z.string(), export: z.string(), lookback: z.string().nullable() })),
}).meta({ id: 'Preset' });

const onboardingSchema = z.object({
  steps: z.array(z.object({ number: z.number(), title: z.string(), classes: z.array(z.string()), state: z.enum(['done', 'skipped', 'next', 'open']), connectors: z.array(z.string()), platforms: z.array(z.string()).describe('Platforms of this hub for this step.') })),
  next: z.string().nullable(),
}).meta({ id: 'Onboarding' });

/** `platformSchema`. */
export type PlatformView = z.infer<typeof platformSchema>;
/** `presetSchema`. */
export type PresetView = z.infer<typeof presetSchema>;
/** `onboardingSchema`. */
export type OnboardingView = z.infer<typeof onboardingSchema>;

/** What can be connected, how, and in which order. */
export function setUpRoutes(app: App, deps: ApiDependencies): void {
  const config = { access: 'viewer' } as const;
  const tags = ['set-up'];
  app.get('/platforms', { config, schema: { tags, summary: 'List platforms', response: answers(z.object({ platforms: z.array(platformSchema) })) } },
    async () => ({ platforms: Object.values(deps.platforms).map(platformView) }));
  app.get('/presets', { config, schema: { tags, summary: 'List presets', response: answers(z.object({ presets: z.array(presetSchema) })) } },
    async () => ({ presets: presetIds.map(presetView) }));
  app.get('/presets/:preset', { config, schema: { tags, summary: 'Show a preset', params: z.object({ preset: z.string().describe('As `crm`.') }), response: answers(presetSchema) } }, async (request) => {
    const { preset } = request.params;
    if (!isPresetId(preset)) throw new HubError('NOT_FOUND', `There is no preset «${preset}». There are: ${presetIds.join(', ')}.`, { field: 'preset' });
    return presetView(preset);
  });
  app.get('/onboarding', { config, schema: { tags, summary: 'The six steps: done, next', response: answers(onboardingSchema) } }, async (request) => {
    const rows = await inAccount(deps.db, callerOf(request).accountId, (trx) => listConnectors(trx));
    const steps = onboardingStatus(connectorClasses(rows)).map(({ classes, ...step }) => ({
      ...step, classes: [...classes], connectors: rows.filter((row) => (classes as readonly string[]).includes(row.class)).map((row) => row.id),
      platforms: platformsFor(deps, classes),
    }));
    return { steps, next: steps.find((step) => step.state === 'next')?.title ?? null };
  });
}

/** Platforms with a preset of one of these classes. */
function platformsFor({ platforms }: ApiDependencies, classes: readonly string[]): string[] {
  return Object.values(platforms).map(({ description }) => description)
    .filter((description) => presetsFor(description).some((preset) => classes.includes(presetOf(preset).connectorClass))).map(({ id }) => id);
}

function platformView(platform: Platform): PlatformView {
  const { id, title, class: platformClass, classes = [], directions, credentialNames, optionalCredentials = [] } = platform.description;
  return {
    id, title, class: platformClass, classes: [...classes], presets: [...presetsFor(platform.description)], settings: [...settingNames(platform)], settingFacts: settingFacts(platform), credentials: [...credentialNames], optionalCredentials: [...optionalCredentials],
    feedsHub: platform.receive !== undefined,
    dataTypes: dataTypes.map((dataType) => ({ dataType, import: directions[dataType].import, export: directions[dataType].export, note: directions[dataType].note ?? null })),
  };
}

function presetView(id: PresetId): PresetView {
  const preset = presetOf(id);
  return {
    id, title: preset.title, class: preset.connectorClass, platformClasses: [...preset.platformClasses], about: [...preset.about], notes: [...preset.notes],
    footnotes: preset.footnotes.map(({ text }) => text),
    dataTypes: dataTypes.map((dataType) => ({ dataType, ...preset.flows[dataType], lookback: lookbackText(id, dataType) })),
  };
}

function lookbackText(id: PresetId, dataType: string): string | null {
  const lookback = presetOf(id).lookbacks.find((one) => one.dataType === dataType);
  return lookback === undefined ? null : `${lookback.amount} ${lookback.unit}${lookback.whenPossible ? ' (when possible)' : ''}`;
}
