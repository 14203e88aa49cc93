import { z } from 'zod';
import type { Db } from '../../db/database.ts';
import { goneFields } from '../../db/repositories/connector-fields.ts';
import type { ConnectorRow } from '../../db/repositories/connectors.ts';
import { splitSettings } from '../../db/repositories/connector-settings.ts';
import { mappingRuns } from '../../db/repositories/mapping/mapping-runs.ts';
import { newestMapping } from '../../db/repositories/mapping/mappings.ts';
import { mappingOf } from '../../platforms/connector-mapping.ts';
import type { PlatformSettings } from '../../platforms/platform.ts';
import type { GatewayDependencies } from '../dependencies.ts';
import { remapSchema, remapView } from '../mapping/mapping-view.ts';

/** What there is to say of a connector's mapping. */
export const mappingStatusSchema = z.object({
  remap: remapSchema.nullable().describe('The newest time that stored contacts were brought in line with a changed mapping.'),
  heldBack: z.array(z.object({ property: z.string(), fields: z.array(z.string()), since: z.string() })).describe('Mapped properties that the account does not show any more; only they are held back.'),
});

/** `mappingStatusSchema`. */
export type MappingStatus = z.infer<typeof mappingStatusSchema>;

/** By connector, for those with something to say. */
export async function mappingStatuses(deps: Pick<GatewayDependencies, 'platforms'>, db: Db, connectors: readonly ConnectorRow[]): Promise<ReadonlyMap<string, MappingStatus>> {
  const [runs, gone] = [await mappingRuns(db), await goneFields(db)];
  const statuses = new Map<string, MappingStatus>();
  for (const row of connectors) {
    const run = runs.find(({ connectorId }) => connectorId === row.id);
    const missing = gone.get(row.id);
    if (run === undefined && missing === undefined) continue;
    statuses.set(row.id, { remap: run === undefined ? null : remapView(run), heldBack: missing === undefined ? [] : await heldBackAt(deps, db, row, missing) });
  }
  return statuses;
}

async function heldBackAt(deps: Pick<GatewayDependencies, 'platforms'>, db: Db, row: ConnectorRow, gone: Readonly<Record<string, string>>): Promise<MappingStatus['heldBack']> {
  const platform = deps.platforms[row.platform];
  const entries = (await newestMapping(db, row.id))?.entries ?? [];
  const mapping = platform === undefined ? undefined : mappingOf(platform, splitSettings(row.settings).platform as PlatformSettings, entries);
  const pairs = Object.entries(mapping?.out ?? {}).concat(Object.entries(mapping?.in ?? {}));
  return Object.entries(gone).flatMap(([property, since]) => {
    const fields = [...new Set(pairs.flatMap(([field, target]) => (target === property ? [field] : [])))];
    return fields.length === 0 ? [] : [{ property, fields, since }];
  });
}
