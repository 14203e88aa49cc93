import { HubError } from '../../domain/errors.ts';
import { isDataType, type DataType } from '../../domain/presets/data-types.ts';
import { isImported } from '../../domain/presets/gates.ts';
import { backfillFrom, firstImportFrom } from '../../domain/presets/lookback.ts';
import { isPresetId } from '../../domain/presets/presets.ts';
import type { ConnectorRow } from '../../db/repositories/connectors.ts';
import type { Platform } from '../../platforms/platform.ts';
import { taskQueue, workflowIds, workflowTypes } from '../../workflows/ids.ts';
import type { BackfillInput } from '../../workflows/message-types.ts';
import type { GatewaySettings } from '../dependencies.ts';

/** What to read. */
export interface BackfillChoice {
  readonly dataType?: string | undefined;
  /** A date or an instant. */
  readonly from?: string | undefined;
}

/** How to start a backfill without the hub's own tools. */
export interface BackfillHowTo {
  readonly workflowType: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly input: BackfillInput;
  /** The line for the `temporal` CLI. */
  readonly temporal: string;
  /** The line for tctl. */
  readonly tctl: string;
  /** Variables that have to be in the environment of both, because they hold a secret. Empty: none. */
  readonly secrets: readonly string[];
  /** The same as a signal to the connector, for both. */
  readonly temporalSignal: string;
  readonly tctlSignal: string;
}

/**
 * The exact lines for this connector. Throws what the start itself would be refused with: REQUEST_INVALID, NOT_IMPORTED.
 */
export function backfillHowTo(settings: GatewaySettings, row: ConnectorRow, platform: Platform, choice: BackfillChoice): BackfillHowTo {
  checkChoice(row, platform, choice);
  const asked = { ...(choice.dataType === undefined ? {} : { dataType: choice.dataType }), ...(choice.from === undefined ? {} : { from: choice.from }) };
  const input = { connectorId: row.id, ...asked };
  const workflowId = workflowIds.backfill(row.id, choice.dataType ?? 'all');
  const connector = workflowIds.connector(row.id);
  const { temporal, tctl, secrets } = programs(settings);
  return {
    workflowType: workflowTypes.backfill, workflowId, taskQueue, input, secrets,
    temporal: `temporal workflow start ${temporal} --task-queue ${taskQueue} --type ${workflowTypes.backfill} --workflow-id ${workflowId} --input ${quoted(input)}`,
    tctl: `${tctl} workflow start --taskqueue ${taskQueue} --workflow_type ${workflowTypes.backfill} --workflow_id ${workflowId} --input ${quoted(input)}`,
    temporalSignal: `temporal workflow signal ${temporal} --workflow-id ${connector} --name startBackfill --input ${quoted(asked)}`,
    tctlSignal: `${tctl} workflow signal --workflow_id ${connector} --name startBackfill --input ${quoted(asked)}`,
  };
}

/** The options of `temporal`, and the beginning of a line of tctl, which knows an API key only as the header that carries it. */
function programs({ temporalAddress, temporalNamespace, temporalCommandLine: more }: GatewaySettings): { readonly temporal: string; readonly tctl: string; readonly secrets: readonly string[] } {
  const server = [`--address ${temporalAddress} --namespace ${temporalNamespace}`];
  const secrets = more?.secrets ?? [];
  const login = secrets.includes('TEMPORAL_API_KEY') ? 'TEMPORAL_CLI_AUTH="Bearer $TEMPORAL_API_KEY" ' : '';
  return { temporal: [...server, ...(more?.temporal ?? [])].join(' '), tctl: `${login}tctl ${[...server, ...(more?.tctl ?? [])].join(' ')}`, secrets };
}

/** One argument for a POSIX shell. */
function quoted(value: object): string {
  return `'${JSON.stringify(value).replaceAll('\'', String.raw`'\''`)}'`;
}

function checkChoice(row: ConnectorRow, platform: Platform, { dataType, from }: BackfillChoice): void {
  if (from !== undefined && !isDate(from)) throw new HubError('REQUEST_INVALID', `«${from}» is no date, as 2020-01-01 or 2020-01-01T00:00:00Z.`, { field: 'from' });
  if (dataType === undefined || !isPresetId(row.preset)) return;
  if (!isDataType(dataType)) throw new HubError('REQUEST_INVALID', `There is no data type «${dataType}». ${importedTypes(row, platform)}`, { field: 'dataType' });
  const first = firstImportFrom(row.preset, dataType, row.activated_at ?? row.created_at, platform.description);
  const start = backfillFrom(first, dataType, from === undefined ? undefined : new Date(from).toISOString());
  if (!start.ok) throw new HubError(start.code, `${start.reason} ${importedTypes(row, platform)}`.trim(), { field: start.code === 'NOT_IMPORTED' ? 'dataType' : 'from' });
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) && !Number.isNaN(Date.parse(text));
}

function importedTypes({ preset, id }: ConnectorRow, platform: Platform): string {
  const types = (Object.keys(platform.description.directions) as DataType[]).filter((type) => isPresetId(preset) && isImported(preset, type, platform.description).allowed);
  return types.length === 0 ? `«${id}» imports nothing.` : `«${id}» imports: ${types.join(', ')}.`;
}
