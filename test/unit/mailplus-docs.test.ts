import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import type { Operation } from '../../platforms/mailplus/operations/define.ts';
import { operations } from '../../platforms/mailplus/operations/index.ts';

/** The row of an operation in the table of docs/mailplus.md. */
function rowOf({ name, method, path, about, changes, idempotent, paging, evidence }: Operation): string {
  const pages = { none: '', array: 'all at once', offset: 'pages', fixed: 'pages of 50' }[paging.kind];
  const repeat = changes ? (idempotent ? 'writes' : 'writes, **never twice**') : 'reads';
  const source = { swagger: '', clients: ' (known from clients)', assumed: ' (path assumed)' }[evidence];
  return `| \`${name}\` | \`${method} ${path}\`${source} | ${about} | ${repeat} | ${pages} |`;
}

it('docs/mailplus.md has a row for every operation, in order, as the list has it', async () => {
  const page = await readFile(new URL('../../docs/mailplus.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| `[a-z-]+\.[a-z-]+` \|/.test(line));
  expect(rows).toEqual(Object.values(operations).map(rowOf));
});
