import { inAccount, type Trx } from '../../db/database.ts';
import { writeAudit } from '../../db/repositories/audit.ts';
import { lockConnector } from '../../db/repositories/connector-state.ts';
import { beginMappingRun } from '../../db/repositories/mapping/mapping-runs.ts';
import { insertMapping, newestMapping } from '../../db/repositories/mapping/mappings.ts';
import { checkMapping, mappableProperties } from '../../domain/mapping/check-mapping.ts';
import { changeEntries, isSamePairing, resolveMapping, type Mapping, type MappingChange, type MappingEntry } from '../../domain/mapping/mapping.ts';
import { splitSettings } from '../../db/repositories/connector-settings.ts';
import { workflowIds } from '../../workflows/ids.ts';
import type { Actor } from '../connectors/add-connector.ts';
import { loadConnector } from '../connectors/load-connector.ts';
import type { PlatformSettings } from '../../platforms/platform.ts';
import { requireRules, requireTransition } from './require-mapping.ts';
import { startRemap, type RemapDependencies } from './start-remap.ts';

/**
 * Changes what a person says about a connector's mapping: another version, its audit, and the work that brings stored records in line
 * with it are one transaction. Returns what follows, for a person. Throws CONNECTOR_UNKNOWN, CONNECTOR_STATE, REQUEST_INVALID for a platform
 * without mapping, MAPPING_INVALID with the field, REMAP_RUNNING.
 */
export async function changeMapping(deps: RemapDependencies, actor: Actor, connectorId: string, change: MappingChange): Promise<readonly string[]> {
  const notes = await inAccount(deps.db, actor.accountId, (trx) => store(deps, trx, actor, connectorId, change));
  if (notes === undefined) return ['Nothing was to be changed.'];
  const started = await startRemap(deps, connectorId);
  return [...notes, ...(started ? [] : ['Temporal did not answer: it begins when it does.'])];
}

/** Undefined when nothing is to be changed. */
async function store(deps: RemapDependencies, trx: Trx, { accountId, who }: Actor, connectorId: string, change: MappingChange): Promise<readonly string[] | undefined> {
  await lockConnector(trx, connectorId);
  const { row, platform, fields } = await loadConnector(deps, trx, connectorId);
  const { rules, defaults: defaultsOf } = requireRules(platform);
  const newest = await newestMapping(trx, connectorId);
  const [old, entries] = [newest?.entries ?? [], changeEntries(newest?.entries ?? [], change)];
  const defaults = defaultsOf(splitSettings(row.settings).platform as PlatformSettings);
  checkMapping({ rules, defaults, properties: mappableProperties(fields), entries, changed: change.set });
  if (JSON.stringify(old) === JSON.stringify(entries)) return undefined;
  const [before, after] = [resolveMapping(defaults, old), resolveMapping(defaults, entries)];
  await requireTransition(trx, row, before, after);
  const version = (newest?.version ?? 0) + 1;
  await insertMapping(trx, { accountId, connectorId, version, entries, who });
  await writeAudit(trx, { accountId, who, what: 'mapping.changed', connectorId, details: { version, set: change.set.map(wordsOf), reset: change.reset } });
  const differs = differenceOf(before, after);
  if (differs.in || differs.out) await beginMappingRun(trx, { accountId, connectorId, before: differs.in ? before : null });
  return notesOn(connectorId, version, differs);
}

const wordsOf = ({ field, property, direction }: MappingEntry): string => `${field}=${property ?? ''} (${direction})`;

interface Difference { readonly in: boolean; readonly out: boolean }

const differenceOf = (before: Mapping, after: Mapping): Difference => ({ in: !isSamePairing(before.in, after.in), out: !isSamePairing(before.out, after.out) });

function notesOn(connectorId: string, version: number, differs: Difference): readonly string[] {
  if (!differs.in && !differs.out) return [`Version ${version} says what was in force already.`];
  return [
    `Version ${version} is in force. Stored contacts are brought in line with it in the background (workflow ${workflowIds.remap(connectorId)}; \`hub status\` shows how far); only what differs is sent.`,
    ...(differs.out ? ['A property that nothing is mapped to any more keeps its value at the platform.'] : []),
    ...(differs.in ? ['What was read before is read anew from what is stored, with the time since when the platform says so.'] : []),
  ];
}
