import { z } from 'zod';
import type { Trx } from '../../db/database.ts';
import { findConnectorFields } from '../../db/repositories/connector-fields.ts';
import { splitSettings } from '../../db/repositories/connector-settings.ts';
import { findMappingRun, type MappingRun } from '../../db/repositories/mapping/mapping-runs.ts';
import { newestMapping } from '../../db/repositories/mapping/mappings.ts';
import { mappableProperties } from '../../domain/mapping/check-mapping.ts';
import { resolveMapping, type Mapping, type MappingEntry } from '../../domain/mapping/mapping.ts';
import type { PlatformSettings } from '../../platforms/platform.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import { loadConnector } from '../connectors/load-connector.ts';
import { requireRules } from './require-mapping.ts';

/** Ways that a mapping goes. */
export const directionSchema = z.enum(['in', 'out', 'both']).describe('`in`: read from the platform; `out`: written to it.');

/** How far stored records are in line with the mapping. */
export const remapSchema = z.object({
  state: z.enum(['running', 'done']), looked: z.number().describe('Contacts that are done.'), total: z.number(), percent: z.number(),
  derived: z.number().describe('Contacts of the platform that say something else now.'), raised: z.number().describe('Deliveries that are planned anew.'),
  startedAt: z.string(), finishedAt: z.string().nullable(),
}).meta({ id: 'RemapProgress' });

const lineSchema = z.object({
  field: z.string().describe('Canonical field, as `city` or `extra.levelOfInterest`.'),
  property: z.string().nullable().describe('The platform\'s; null: left out.'),
  direction: directionSchema,
  from: z.enum(['mapping', 'default']).describe('`mapping`: a person said so; `default`: the platform\'s usual name, or the setting `properties`.'),
  type: z.string().nullable(),
  heldBack: z.string().nullable().describe('Why nothing is written to it or read from it.'),
  goneSince: z.string().nullable(),
});

/** A connector's mapping. */
export const mappingSchema = z.object({
  connectorId: z.string(),
  version: z.number().describe('0: nobody changed it.'),
  changedBy: z.string().nullable(),
  changedAt: z.string().nullable(),
  lines: z.array(lineSchema),
  remap: remapSchema.nullable().describe('The newest time that stored contacts were brought in line with it.'),
}).meta({ id: 'Mapping' });

/** `mappingSchema`. */
export type MappingView = z.infer<typeof mappingSchema>;
/** `remapSchema`. */
export type RemapView = z.infer<typeof remapSchema>;

/** A connector's mapping as people see it. Throws CONNECTOR_UNKNOWN, CONNECTOR_STATE, and REQUEST_INVALID for a platform without mapping. */
export async function mappingView(deps: Pick<GatewayDependencies, 'platforms'>, trx: Trx, connectorId: string): Promise<MappingView> {
  const { row, platform } = await loadConnector(deps, trx, connectorId);
  const rules = requireRules(platform);
  const [newest, known, run] = [await newestMapping(trx, connectorId), await findConnectorFields(trx, connectorId), await findMappingRun(trx, connectorId)];
  const entries = newest?.entries ?? [];
  const mapping = resolveMapping(rules.defaults(splitSettings(row.settings).platform as PlatformSettings), entries);
  const types = new Map(mappableProperties(known?.fields ?? []).map(({ name, type }) => [name, type]));
  const describe = (line: Line) => ({ ...line, type: types.get(line.property ?? '') ?? null, ...absence(line.property, types, known?.gone ?? {}) });
  return {
    connectorId, version: newest?.version ?? 0, changedBy: newest?.who ?? null, changedAt: newest?.at ?? null,
    lines: linesOf(mapping, entries).map(describe), remap: run === undefined ? null : remapView(run),
  };
}

type Line = Pick<MappingView['lines'][number], 'field' | 'property' | 'direction' | 'from'>;

function absence(property: string | null, types: ReadonlyMap<string, string>, gone: Readonly<Record<string, string>>): Pick<MappingView['lines'][number], 'heldBack' | 'goneSince'> {
  if (property === null || types.has(property)) return { heldBack: null, goneSince: null };
  const since = gone[property] ?? null;
  return { heldBack: since === null ? 'the account shows no such property' : 'the account does not show this property any more', goneSince: since };
}

function linesOf(mapping: Mapping, entries: readonly MappingEntry[]): Line[] {
  const said = (field: string, way: 'in' | 'out') => entries.find((entry) => entry.field === field && (entry.direction === 'both' || entry.direction === way));
  const fields = [...new Set([...Object.keys(mapping.out), ...Object.keys(mapping.in), ...entries.map(({ field }) => field)])].sort();
  return fields.flatMap((field): Line[] => {
    const [read, written] = (['in', 'out'] as const).map((way): Line => ({ field, property: mapping[way][field] ?? null, direction: way, from: said(field, way) === undefined ? 'default' : 'mapping' }));
    if (read === undefined || written === undefined) return [];
    if (read.property === written.property && read.from === written.from) return [{ ...read, direction: 'both' }];
    return [read, written].filter(({ property, from }) => property !== null || from === 'mapping');
  });
}

/** How far a run is. */
export function remapView({ state, looked, total, derived, raised, startedAt, finishedAt }: Omit<MappingRun, 'connectorId'>): RemapView {
  const percent = state === 'done' ? 100 : total === 0 ? 0 : Math.min(99, Math.floor((looked / total) * 100));
  return { state, looked, total, percent, derived, raised, startedAt, finishedAt };
}
