import { z } from 'zod';
import { pullIntervalOf, splitSettings } from '../../db/repositories/connector-settings.ts';
import type { ConnectorRow } from '../../db/repositories/connectors.ts';
import { dataTypes, type DataType } from '../../domain/presets/data-types.ts';
import { isExported, isImported } from '../../domain/presets/gates.ts';
import { isPresetId } from '../../domain/presets/presets.ts';
import { syncStateOf, type Health } from '../../domain/sync/connector-state.ts';
import type { Platform } from '../../platforms/platform.ts';
import { workflowIds } from '../../workflows/ids.ts';
import type { GatewayDependencies } from '../dependencies.ts';

const healthSchema = z.object({ state: z.enum(['ok', 'holding', 'needsOperator']), reason: z.string().nullable() });
const gateSchema = z.object({ allowed: z.boolean(), reason: z.string() });

/** A connector in a list. */
export const connectorSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  platform: z.string(),
  class: z.string(),
  preset: z.string(),
  phase: z.enum(['onboarding', 'backfilling', 'live', 'removed']),
  paused: z.boolean(),
  state: z.string().describe('The most urgent of phase, pause and health, in one word.'),
  health: z.object({ in: healthSchema, out: healthSchema }),
  test: z.boolean().describe('A test connector: may pull more often and with a lower margin than a real one.'),
  createdAt: z.string(),
}).meta({ id: 'ConnectorSummary' });

/** A connector with everything but its secrets. */
export const connectorSchema = connectorSummarySchema.extend({
  settings: z.record(z.string(), z.unknown()),
  pulled: z.boolean().describe('Whether the hub reads from it by itself, at this interval.'),
  pullIntervalMs: z.number(),
  pullMarginMs: z.number(),
  credentials: z.array(z.string()).describe('Names only.'),
  permissions: z.record(z.string(), z.string()).describe('Permissions of the hub, and what they are called at the platform.'),
  dataTypes: z.array(z.object({ dataType: z.string(), import: gateSchema, export: gateSchema, note: z.string().nullable().describe('The platform\'s own remark.') })),
  inboundUrl: z.string().nullable().describe('Where the source system sends to, when it does.'),
  temporalUi: z.string().nullable(),
}).meta({ id: 'Connector' });

/** `connectorSummarySchema`. */
export type ConnectorSummary = z.infer<typeof connectorSummarySchema>;
/** `connectorSchema`. */
export type ConnectorView = z.infer<typeof connectorSchema>;

/** A connector as a list shows it. */
export function connectorSummary(row: ConnectorRow): ConnectorSummary {
  const health = { in: healthOf(row.health_in, row.health_in_reason), out: healthOf(row.health_out, row.health_out_reason) };
  return {
    id: row.id, name: row.name, platform: row.platform, class: row.class, preset: row.preset, phase: row.phase, paused: row.paused,
    state: syncStateOf({ phase: row.phase, paused: row.paused, health: { in: asHealth(health.in), out: asHealth(health.out) } }),
    health, test: row.is_test, createdAt: row.created_at,
  };
}

function healthOf(state: ConnectorRow['health_in'], reason: string | null): ConnectorSummary['health']['in'] {
  return { state, reason: state === 'ok' ? null : (reason ?? '') };
}

function asHealth({ state, reason }: ConnectorSummary['health']['in']): Health {
  return state === 'ok' ? { state } : { state, reason: reason ?? '' };
}

/** A connector with all that may be shown of it. */
export function connectorView(deps: GatewayDependencies, row: ConnectorRow, platform: Platform | undefined, more: { readonly permissions: Readonly<Record<string, string>>; readonly publicUrl: string }): ConnectorView {
  const { hub, platform: settings } = splitSettings(row.settings);
  return {
    ...connectorSummary(row),
    settings,
    pulled: platform?.description.streams.some((stream) => stream.pulled) ?? false,
    pullIntervalMs: pullIntervalOf(row.settings, deps.settings.pullIntervalMs),
    pullMarginMs: hub.pullMarginMs ?? deps.settings.pullMarginMs,
    credentials: row.phase === 'removed' ? [] : [...(platform?.description.credentialNames ?? [])],
    permissions: { ...more.permissions },
    dataTypes: platform === undefined ? [] : dataTypes.map((dataType) => flowOf(row.preset, dataType, platform)),
    inboundUrl: platform?.receive === undefined ? null : `${more.publicUrl}/inbound/${row.platform}/${row.id}`,
    temporalUi: temporalLink(deps, row.id),
  };
}

function flowOf(preset: string, dataType: DataType, platform: Platform): ConnectorView['dataTypes'][number] {
  const note = platform.description.directions[dataType].note ?? null;
  const unknown = { allowed: false, reason: 'Unknown preset.' };
  if (!isPresetId(preset)) return { dataType, import: unknown, export: unknown, note };
  const [into, out] = [isImported(preset, dataType, platform.description), isExported(preset, dataType, platform.description)];
  return { dataType, import: { allowed: into.allowed, reason: into.reason }, export: { allowed: out.allowed, reason: out.reason }, note };
}

/** A link to the connector's workflow in the Temporal UI; null when the UI's address is not known. */
export function temporalLink(deps: Pick<GatewayDependencies, 'settings'>, connectorId: string): string | null {
  const { temporalUiUrl, temporalNamespace } = deps.settings;
  if (temporalUiUrl === undefined) return null;
  return `${temporalUiUrl.replace(/\/+$/, '')}/namespaces/${temporalNamespace}/workflows/${encodeURIComponent(workflowIds.connector(connectorId))}`;
}
