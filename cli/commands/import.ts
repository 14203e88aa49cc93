import { Option, type Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HubError } from '../../domain/errors.ts';
import { dataTypes } from '../../domain/presets/data-types.ts';
import { run, type CommandContext } from '../context.ts';
import { FoundProblems, UsageError } from '../errors.ts';
import { at } from '../gateway-client.ts';
import { columnsOf, type ColumnOptions, type Columns } from '../import/columns.ts';
import { encodings, fileLines, type Encoding } from '../import/file-lines.ts';
import { patientClient } from '../import/patient-client.ts';
import { showProgress, type Progress } from '../import/progress.ts';
import { rejectedFile, type RejectedFile } from '../import/rejected-file.ts';
import { sendTable, type TableTarget, type Tally } from '../import/send-table.ts';
import { stoppedAt } from '../import/stopped.ts';
import { tableRows, type TableRow } from '../import/table-rows.ts';
import type { CliIo } from '../io.ts';

interface ImportOptions {
  readonly connector: string;
  readonly type: string;
  readonly delimiter: string;
  readonly encoding: Encoding;
  readonly idColumn: string;
  readonly map: readonly string[];
  readonly rejected?: string;
  readonly complete?: true;
  readonly wait: number;
}

/** `import`: a table of records for a connector of the platform `custom`. */
export function addImportCommand(program: Command, io: CliIo): void {
  program.command('import <file>').description('import a CSV file for a connector of the platform custom; the first line names the fields')
    .requiredOption('--connector <id>', 'whose records these are')
    .addOption(new Option('--type <type>', 'what the rows are').choices(dataTypes).makeOptionMandatory())
    .option('--delimiter <character>', 'between cells; «tab» for a tab', ',')
    .addOption(new Option('--encoding <name>', 'how the file is written').choices(encodings).default('utf-8'))
    .option('--id-column <name>', 'the column with the id of each row', 'externalId')
    .addOption(new Option('--map <column=field...>', 'what a column is called in the hub; nothing behind «=» leaves it out').default([], 'as they are called'))
    .option('--rejected <file>', 'where rows that are not taken go; <file>.rejected.csv when not given')
    .option('--complete', 'these are all: the first import of this type is complete')
    .option('--wait <seconds>', 'how long to go on trying while the hub is away, once it has answered', secondsOf, 60)
    .addHelpText('after', `
Columns are named as fields: \`email\`, \`address.city\`, \`consent.<permission>\` (yes or no) and \`consentAt.<permission>\`; docs/custom-system.md has all of it.

A run that was broken off is repeated with the same command: it begins at the first row, and nothing is there twice.

  hub import contacts.csv --connector crm-9 --type contacts
  hub import leden.csv --connector crm-9 --type contacts --delimiter ';' --encoding windows-1252 --id-column Nummer --map E-mail=email Notitie=
  hub import contacts.csv.rejected.csv --connector crm-9 --type contacts --map line= reason= fix=`)
    .action(run(io, importFile));
}

async function importFile(context: CommandContext, file: string, options: ImportOptions): Promise<void> {
  const delimiter = delimiterOf(options.delimiter);
  const mapped = mappedOf(options.map);
  const progress = showProgress(context, await sizeOf(file));
  try {
    await importTable(context, file, { ...options, delimiter, mapped }, progress);
  } finally {
    progress.stop();
  }
}

type TableOptions = ImportOptions & Pick<ColumnOptions, 'mapped'>;

async function importTable(context: CommandContext, file: string, options: TableOptions, progress: Progress): Promise<void> {
  const { connector: connectorId, type: dataType, delimiter } = options;
  const client = patientClient(await context.client(), { patienceMs: options.wait * 1_000, say: context.json ? () => undefined : context.io.err });
  const read = { bytes: 0, rows: 0, storedLine: 0 };
  const rows = tableRows(fileLines(file, options.encoding, (count) => { read.bytes += count; }), delimiter);
  const columns = columnsOf(await headerOf(rows), options);
  const rejects = rejectedFile(rejectedPath(file, options.rejected), columns.names, delimiter);
  const onSent = (count: number, line: number): void => {
    read.storedLine = line;
    progress.update(read.bytes, read.rows += count);
  };
  const target = { client, connectorId, dataType, runId: `import-${randomUUID()}`, onRejected: rejects.write, onSent };
  const tally = await sendAll(target, columns, rows, rejects, options.complete === true).catch((error: unknown) => {
    throw stoppedAt(read.storedLine, error);
  });
  progress.stop();
  const message = doneMessage(tally, options, rejects);
  context.print({ ...tally, ...(tally.rejected > 0 && { rejectedFile: rejects.path }) }, () => message);
  if (tally.rejected > 0) throw new FoundProblems(message);
}

async function sendAll(target: TableTarget, columns: Columns, rows: AsyncGenerator<TableRow>, rejects: RejectedFile, isComplete: boolean): Promise<Tally> {
  const { client, connectorId, dataType } = target;
  try {
    const tally = await sendTable(target, columns, rows);
    if (isComplete) await client.send('POST', at`/connectors/${connectorId}/import/${dataType}/complete`, {});
    return tally;
  } finally {
    await rejects.close();
  }
}

function doneMessage({ accepted, rejected, ownFields }: Tally, { type, complete }: ImportOptions, rejects: RejectedFile): string {
  if (accepted + rejected === 0) return `The file has a first line and no rows: nothing was sent${complete === true ? ', and these are all' : ''}.`;
  const counted = (count: number): string => `${count} row${count === 1 ? ' was' : 's were'}`;
  const taken = `${counted(accepted)} taken${complete === true ? ', and these are all' : ''}.`;
  const none = `None was rejected${rejects.isOfEarlierRun() ? `: ${rejects.path} is of an earlier run, and can go` : ''}.`;
  const own = ownFields.length === 0 ? '' : `\nNo fields of ${type}, so kept under extra with these names: ${ownFields.join(', ')}. --map <column>=<field> says another field, --map <column>= leaves a column out.`;
  return `${taken} ${rejected === 0 ? none : `${counted(rejected)} rejected: see ${rejects.path}, which has the reasons.`} \`hub status\` shows how far they are.${own}`;
}

/** Errors: UsageError for the file itself, which would be emptied while it is read. */
function rejectedPath(file: string, given: string | undefined): string {
  if (given === undefined) return `${file}.rejected.csv`;
  if (resolve(given) !== resolve(file)) return given;
  throw new UsageError('Rejected rows can not go into the file that is read.', 'Name another file with --rejected, or leave it out.');
}

async function headerOf(rows: AsyncGenerator<TableRow>): Promise<readonly string[]> {
  const first = await rows.next();
  if (first.done === true) throw new HubError('FILE_INVALID', 'The file is empty.', { field: 'file' });
  if ('problem' in first.value) throw new HubError('FILE_INVALID', `Line ${first.value.line} is to name the columns: ${first.value.problem}.`, { field: `line ${first.value.line}` });
  return first.value.cells;
}

async function sizeOf(file: string): Promise<number> {
  try {
    const { size, mode } = await stat(file);
    const isFile = (mode & 0o170000) === 0o100000;
    if (isFile) return size;
  } catch {
    // What is wrong with it does not matter: the person has to name another one.
  }
  throw new UsageError(`The file ${file} cannot be read.`, 'Name a CSV file that is there.');
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0 && seconds <= 86_400) return seconds;
  throw new UsageError(`«${text}» is no number of seconds.`, 'Give a number from 0 to 86400, such as --wait 600.');
}

function delimiterOf(text: string): string {
  const delimiter = text === 'tab' || text === '\\t' ? '\t' : text;
  if (delimiter.length === 1 && !/["\r\n]/.test(delimiter)) return delimiter;
  throw new UsageError(`«${text}» is no delimiter.`, 'Give one character, such as «;», or «tab».');
}

function mappedOf(pairs: readonly string[]): ColumnOptions['mapped'] {
  return new Map(pairs.map((pair) => {
    const cut = pair.indexOf('=');
    if (cut < 1) throw new UsageError(`«${pair}» does not say which column is which field.`, 'Give pairs such as --map "E-mail=email" Surname=lastName.');
    return [pair.slice(0, cut), pair.slice(cut + 1)];
  }));
}
