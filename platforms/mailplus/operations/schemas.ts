import type { z } from 'zod';
import type { Operation, PagedOperation, SingleOperation } from './define.ts';
import { wireOf, type Wire } from './wire.ts';

/** Makes a schema once for each operation and zone: building one costs more than using it. */
function remembered<Of extends object>(make: (operation: Of, wire: Wire) => z.ZodType): (operation: Of, timeZone: string) => z.ZodType {
  const made = new WeakMap<Of, Map<string, z.ZodType>>();
  return (operation, timeZone) => {
    const zones = made.get(operation) ?? new Map<string, z.ZodType>();
    made.set(operation, zones);
    const schema = zones.get(timeZone) ?? make(operation, wireOf(timeZone));
    zones.set(timeZone, schema);
    return schema;
  };
}

/** The schema of what is given to an operation. Dates without an offset are read in `timeZone`. */
export const inputSchema = remembered<Operation>((operation, wire) => operation.input(wire));

/** The schema of an operation's answer. */
export const answerSchema = remembered<SingleOperation>((operation, wire) => operation.answer(wire));

/** The schema of one row of a paged operation. */
export const rowSchema = remembered<PagedOperation>((operation, wire) => operation.row(wire));
