import type { Platform } from '../platform.ts';
import { HubError } from '../../domain/errors.ts';
import type { RecordType } from '../../domain/model/record-fields.ts';
import type { DataType } from '../../domain/presets/data-types.ts';
import { act, actionKinds } from './act.ts';
import { checkConnection, discoverFields } from './check.ts';
import { deliver } from './deliver.ts';
import { customDescription, describe } from './description.ts';
import { inboundOperations, inboundSchemas } from './documents.ts';
import { lookAtColumns, recordFromCells } from './cells.ts';
import { readInbox } from './inbox.ts';
import { projectRecord } from './project.ts';
import { receive } from './receive.ts';

/**
 * A system of the company's own, or one that no platform covers: it sends canonical records of any data type, lists, and what happened
 * (`docs/custom-system.md`), and is told what the hub has for it, by signed webhook or by its change feed (`docs/custom-system-receiving.md`). Its class is a setting, and decides which presets it may have.
 */
export const custom: Platform = {
  description: customDescription,
  describe,
  checkConnection,
  discoverFields,
  receive,
  readInbox,
  recordFromCells,
  lookAtColumns,
  project: (context, dataType, record) => projectRecord(recordType(dataType), record, context.settings['emailIsUserName'] === true),
  deliver: (context, dataType, items) => deliver(context, recordType(dataType), items),
  actionKinds,
  act,
  inboundOperations,
  inboundSchemas,
};

function recordType(dataType: DataType): RecordType {
  if (dataType === 'activities') throw new HubError('INTERNAL', 'Activities are facts: they go out as actions.');
  return dataType;
}
