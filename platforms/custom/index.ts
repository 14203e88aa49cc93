import type { Platform } from '../platform.ts';
import { checkConnection, discoverFields } from './check.ts';
import { customDescription, describe } from './description.ts';
import { inboundOperations, inboundSchemas } from './documents.ts';
import { recordFromCells } from './cells.ts';
import { readInbox } from './inbox.ts';
import { receive } from './receive.ts';

/**
 * A system of the company's own, or one that no platform covers: it sends canonical records of any data type, lists, and what happened
 * (`docs/custom-system.md`). Its class is a setting, and decides which presets it may have.
 */
export const custom: Platform = {
  description: customDescription,
  describe,
  checkConnection,
  discoverFields,
  receive,
  readInbox,
  recordFromCells,
  inboundOperations,
  inboundSchemas,
};
