import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { catalogue } from '../../domain/error-catalogue.ts';

const inProject = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe('docs/errors.md', () => {
  it('is what the catalogue gives today', async () => {
    await expect(promisify(execFile)(process.execPath, [inProject('scripts/error-docs.mjs'), '--check'])).resolves.toMatchObject({ stderr: '' });
  });

  it('has each code once, with its fix', async () => {
    const page = await readFile(inProject('docs/errors.md'), 'utf8');
    for (const [code, { fix }] of Object.entries(catalogue)) {
      const rows = page.split('\n').filter((line) => line.startsWith(`| \`${code}\` |`));
      expect(rows).toHaveLength(1);
      expect(rows[0]).toContain(fix.replaceAll('|', '\\|'));
    }
  });
});
