import type { Fields, Instant } from '../domain/model/fields.ts';
import type { FieldOrigin } from '../domain/model/record.ts';

/**
 * `record.provenance`: one entry for each origin, `[connectorId, externalId, at, edited, …fields]`; a lone origin names no fields and is
 * that of all. A record of one source, which most are, then costs 80 bytes instead of 2 kB.
 */
export type StoredProvenance = readonly (readonly [string, string, Instant, 0 | 1, ...string[]])[];

type Provenance = Readonly<Record<string, FieldOrigin>>;

/** For storing. Every canonical field has an origin, and nothing else has. */
export function packProvenance(provenance: Provenance): StoredProvenance {
  const packed = new Map<string, { origin: FieldOrigin; fields: string[] }>();
  let last: FieldOrigin | undefined;
  let fields: string[] = [];
  for (const name in provenance) {
    const origin = provenance[name];
    if (origin === undefined) continue;
    if (origin !== last) {
      const key = JSON.stringify([origin.connectorId, origin.externalId, origin.at, origin.edited]);
      const known = packed.get(key) ?? { origin, fields: [] };
      packed.set(key, known);
      fields = known.fields;
      last = origin;
    }
    fields.push(name);
  }
  const isLone = packed.size === 1;
  return [...packed.values()].map(({ origin, fields: names }) => [origin.connectorId, origin.externalId, origin.at, origin.edited ? 1 : 0, ...(isLone ? [] : names)]);
}

/** From the table, together with the record's canonical fields. The fields of one origin share one object. */
export function unpackProvenance(stored: StoredProvenance, canonical: Fields): Provenance {
  const byField = new Map<string, FieldOrigin>();
  for (const [connectorId, externalId, at, edited, ...names] of stored) {
    const origin: FieldOrigin = { connectorId, externalId, at, edited: edited === 1 };
    for (const name of stored.length === 1 ? Object.keys(canonical) : names) byField.set(name, origin);
  }
  const provenance: Record<string, FieldOrigin> = {};
  for (const name in canonical) {
    const origin = byField.get(name);
    if (origin !== undefined) provenance[name] = origin;
  }
  return provenance;
}

/** `source_record.field_times`: one instant where all canonical fields have it, which is so until the first change; else by field. */
export type StoredFieldTimes = Instant | Readonly<Record<string, Instant>>;

/** For storing. */
export function packFieldTimes(fieldTimes: Readonly<Record<string, Instant>>, canonical: Fields): StoredFieldTimes {
  let only: Instant | undefined;
  let left = 0;
  for (const name in fieldTimes) {
    if (only !== undefined && fieldTimes[name] !== only) return fieldTimes;
    only = fieldTimes[name];
    left += 1;
  }
  for (const name in canonical) left -= fieldTimes[name] === undefined ? 2 : 1;
  return only === undefined || left !== 0 ? fieldTimes : only;
}

/** From the table, together with the source record's canonical fields. */
export function unpackFieldTimes(stored: StoredFieldTimes, canonical: Fields): Readonly<Record<string, Instant>> {
  if (typeof stored !== 'string') return stored;
  const fieldTimes: Record<string, Instant> = {};
  for (const name in canonical) fieldTimes[name] = stored;
  return fieldTimes;
}
