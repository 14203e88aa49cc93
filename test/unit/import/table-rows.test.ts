import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { columnsOf, fieldsOf } from '../../../cli/import/columns.ts';
import { fileLines, type Encoding } from '../../../cli/import/file-lines.ts';
import { tableRows, type TableRow } from '../../../cli/import/table-rows.ts';

async function rowsOf(content: string | Buffer, delimiter = ',', encoding: Encoding = 'utf-8'): Promise<TableRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'table-'));
  try {
    const path = join(folder, 'table.csv');
    await writeFile(path, content);
    const rows: TableRow[] = [];
    for await (const row of tableRows(fileLines(path, encoding, () => undefined), delimiter)) rows.push(row);
    return rows;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const plain = { delimiter: ',', idColumn: 'id', mapped: new Map<string, string>() };

describe('rows of a CSV file', () => {
  it('are read with quotes, doubled quotes and line ends in cells, with either line end and without empty lines', async () => {
    expect(await rowsOf('\uFEFFid,name\r\nC1,"Ann ""A"", Ltd"\r\n\r\nC2,"two\nlines"\nC3,')).toEqual([
      { line: 1, cells: ['id', 'name'] }, { line: 2, cells: ['C1', 'Ann "A", Ltd'] }, { line: 4, cells: ['C2', 'two\nlines'] }, { line: 6, cells: ['C3', ''] },
    ]);
  });

  it('behind a broken quote are read as they are, and the broken one is told with its line', async () => {
    const many = Array.from({ length: 500 }, (_, i) => `C${i + 2},fine`).join('\n');
    const rows = await rowsOf(`id,name\nC1,"never closed\n${many}\n`);
    expect(rows[1]).toEqual({ line: 2, text: 'C1,"never closed', problem: 'a quote is opened and never closed' });
    expect(rows.slice(2)).toHaveLength(500);
    expect(rows.at(-1)).toEqual({ line: 502, cells: ['C501', 'fine'] });
  });

  it('with a quote where none may stand are told by themselves', async () => {
    expect(await rowsOf('id,name\nC1,5" nails "cheap"\nC2,a "b" c\nC3,fine\n')).toEqual([
      { line: 1, cells: ['id', 'name'] },
      expect.objectContaining({ line: 2, problem: expect.stringContaining('quote') }), expect.objectContaining({ line: 3, problem: expect.stringContaining('quote') }), { line: 4, cells: ['C3', 'fine'] },
    ]);
  });

  it('of a file in another encoding are refused with the line and what to do, and read when it is named', async () => {
    const latin = Buffer.from('id,name\nC1,Zo\xEB\n', 'latin1');
    await expect(rowsOf(latin)).rejects.toMatchObject({ code: 'FILE_INVALID', facts: { field: 'encoding', fix: expect.stringContaining('--encoding windows-1252') } });
    expect((await rowsOf(latin, ',', 'windows-1252'))[1]).toEqual({ line: 2, cells: ['C1', 'Zoë'] });
    await expect(rowsOf(Buffer.from('id,name\nC1,x\n', 'utf16le'))).rejects.toMatchObject({ code: 'FILE_INVALID' });
    expect((await rowsOf(Buffer.from('\uFEFFid,name\nC1,Zoë\n', 'utf16le'), ',', 'utf-16le'))[1]).toEqual({ line: 2, cells: ['C1', 'Zoë'] });
  });

  it('without line ends are refused before they fill the memory', async () => {
    await expect(rowsOf('x'.repeat(3_000_000))).rejects.toMatchObject({ code: 'FILE_INVALID', message: expect.stringContaining('Line 1') });
  });
});

describe('columns of a CSV file', () => {
  it('with the wrong delimiter are refused with the one that fits', () => {
    expect(() => columnsOf(['id;email;name'], plain)).toThrow(expect.objectContaining({ code: 'FILE_INVALID', facts: { field: 'delimiter', fix: "Repeat with --delimiter ';'." } }));
  });

  it.each([
    [['email'], 'There is no column «id». There are: email.'],
    [['id', 'email', 'email'], 'The column «email» is there twice.'],
    [['id', '', ''], 'The first line has columns without a name.'],
  ])('%j is refused by name', (header, message) => {
    expect(() => columnsOf(header, plain)).toThrow(message);
  });

  it('go to the fields that they are mapped to, and to none when left out', () => {
    const columns = columnsOf(['id', 'E-mail', 'note'], { ...plain, mapped: new Map([['E-mail', 'email'], ['note', '']]) });
    expect(fieldsOf(columns, ['C1', 'a@b.example', 'x'])).toEqual({ values: { externalId: 'C1', email: 'a@b.example' } });
    expect(fieldsOf(columns, ['C1', 'a@b.example', 'x', 'y'])).toEqual({ problem: 'it has 4 cells, and the first line names 3 columns' });
    expect(fieldsOf(columns, [' ', 'a@b.example'])).toEqual({ problem: 'it has no id' });
  });
});
