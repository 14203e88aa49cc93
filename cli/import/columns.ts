import { HubError } from '../../domain/errors.ts';

/** Which field each column goes to; `null` for a column that is left out. */
export interface Columns {
  readonly names: readonly string[];
  readonly fields: readonly (string | null)[];
}

/** What a person says about the columns. */
export interface ColumnOptions {
  readonly delimiter: string;
  /** The column with the id of each row. */
  readonly idColumn: string;
  /** Column to field, empty to leave it out; over the names of the columns themselves. */
  readonly mapped: ReadonlyMap<string, string>;
}

const otherDelimiters = [',', ';', '\t', '|'];
const shown = (delimiter: string): string => (delimiter === '\t' ? 'tab' : delimiter);

/** Reads the header. Throws HubError FILE_INVALID for the wrong delimiter, a column that is missing, named twice, or mapped and not there. */
export function columnsOf(header: readonly string[], { delimiter, idColumn, mapped }: ColumnOptions): Columns {
  const names = header.map((name) => name.trim());
  const [only = ''] = names;
  const other = names.length === 1 ? otherDelimiters.find((one) => one !== delimiter && only.includes(one)) : undefined;
  if (other !== undefined) throw invalid('delimiter', `The first line has one column, «${only.slice(0, 80)}»: the file seems to be delimited by «${shown(other)}», not by «${shown(delimiter)}».`, `Repeat with --delimiter '${shown(other)}'.`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(twice, twice === '' ? 'The first line has columns without a name.' : `The column «${twice}» is there twice.`, 'Give every column a name of its own in the first line.');
  const absent = [idColumn, ...mapped.keys()].find((name) => !names.includes(name));
  if (absent !== undefined) throw invalid(absent, `There is no column «${absent}». There are: ${names.join(', ')}.`, absent === idColumn ? 'Name the column with the ids: --id-column <name>.' : 'Correct the name in --map.');
  return { names, fields: names.map((name) => (name === idColumn ? 'externalId' : (mapped.get(name) ?? name) || null)) };
}

const invalid = (field: string, message: string, fix: string): HubError => new HubError('FILE_INVALID', message, { field, fix });

/** A row as fields with their text, or what is wrong with it. Empty cells at the end may be missing. */
export function fieldsOf({ names, fields }: Columns, cells: readonly string[]): { readonly values: Readonly<Record<string, string>> } | { readonly problem: string } {
  if (cells.length > names.length) return { problem: `it has ${cells.length} cells, and the first line names ${names.length} columns` };
  const values = Object.fromEntries(fields.flatMap((field, index) => (field === null ? [] : [[field, cells[index] ?? '']])));
  return (values['externalId'] ?? '').trim() === '' ? { problem: 'it has no id' } : { values };
}
