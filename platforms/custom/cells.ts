import { z } from 'zod';
import type { DataType } from '../../domain/presets/data-types.ts';
import type { LookedAtColumns } from '../reads-tables.ts';
import { bare, envelopeNames, recordSchemas } from './input-schemas.ts';

const yes = new Set(['true', 'yes', 'y', '1', 'ja', 'j']);
const no = new Set(['false', 'no', 'n', '0', 'nee']);
const consentColumn = /^(consent|consentAt)\.(.+)$/;

type Shape = Readonly<Record<string, z.ZodType>>;

/**
 * A row of a table as a record, as a system would send it. Columns are named as fields; `address.city` is a part of a part, `consent.<permission>` and
 * `consentAt.<permission>` are what the person agreed to and when. Numbers have a point, a yes is `yes`, `true` or `1`; lists are JSON, of texts also `a|b`.
 * An empty cell says that the field is empty. What is none of this stays text: reading the record refuses it by name.
 */
export function recordFromCells(dataType: DataType, cells: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const { shape } = recordSchemas[dataType];
  const record: Record<string, unknown> = {};
  for (const [column, text] of Object.entries(cells)) {
    if (dataType === 'contacts' && consentColumn.test(column)) continue;
    put(record, column.split('.'), shape, text.trim());
  }
  const consents = dataType === 'contacts' ? consentsIn(cells) : [];
  return consents.length === 0 ? record : { ...record, consents };
}

/** Which columns are fields of the model: those whose name, or first part of a name, it knows. */
export function lookAtColumns(dataType: DataType, columns: readonly string[]): LookedAtColumns {
  const { shape } = recordSchemas[dataType];
  const isConsent = (column: string): boolean => dataType === 'contacts' && consentColumn.test(column);
  const isEnvelope = (column: string): boolean => envelopeNames.has(column) && !(dataType === 'contacts' && column === 'shopStructure');
  const isField = (column: string): boolean => isConsent(column) || (!isEnvelope(column) && Object.hasOwn(shape, column.split('.', 1)[0] ?? ''));
  return {
    own: columns.filter((column) => !isField(column) && !isEnvelope(column)), isNoTable: !columns.some((column) => isField(column) || column === 'deleted'),
    fields: Object.keys(shape).filter((name) => !isEnvelope(name) && name !== 'extra'),
  };
}

/** Puts a value where its name says; a name with dots that leads to no known part stays one name. */
function put(record: Record<string, unknown>, path: readonly string[], shape: Shape, text: string): void {
  const [first = '', ...rest] = path;
  const part = Object.hasOwn(shape, first) ? shape[first] : undefined;
  const inner = part === undefined ? undefined : bare(part);
  if (rest.length === 0 || !(inner instanceof z.ZodObject)) {
    const name = path.join('.');
    if (name === 'deleted' ? yes.has(text.toLowerCase()) : name !== '') record[name] = name === 'deleted' ? true : valueOf(inner, text);
    return;
  }
  const known = record[first];
  const nested: Record<string, unknown> = typeof known === 'object' && known !== null ? { ...known } : {};
  put(nested, rest, inner.shape as Shape, text);
  record[first] = nested;
}

function valueOf(schema: z.ZodType | undefined, text: string): unknown {
  if (schema instanceof z.ZodNumber) return text === '' ? null : /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (schema instanceof z.ZodBoolean) return text === '' ? null : (booleanOf(text) ?? text);
  if (schema instanceof z.ZodArray || schema instanceof z.ZodObject) return listOf(schema, text);
  return text;
}

const booleanOf = (text: string): boolean | undefined => (yes.has(text.toLowerCase()) ? true : no.has(text.toLowerCase()) ? false : undefined);

function listOf(schema: z.ZodType, text: string): unknown {
  if (text === '') return schema instanceof z.ZodArray ? [] : null;
  if (/^[[{]/.test(text)) return parsed(text);
  return schema instanceof z.ZodArray && schema.element instanceof z.ZodString ? text.split('|').map((one) => one.trim()) : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** An empty cell says nothing about a permission. */
function consentsIn(cells: Readonly<Record<string, string>>): readonly { readonly permission: string; readonly granted: unknown; readonly at?: string }[] {
  return Object.entries(cells).flatMap(([column, text]) => {
    const [, kind, permission = ''] = consentColumn.exec(column) ?? [];
    if (kind !== 'consent' || text.trim() === '') return [];
    const at = cells[`consentAt.${permission}`]?.trim() ?? '';
    return [{ permission, granted: booleanOf(text.trim()) ?? text, ...(at !== '' && { at }) }];
  });
}
