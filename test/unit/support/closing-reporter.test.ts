import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeDirectory, temporaryDirectory } from '../../support/test-servers.ts';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const reporter = fileURLToPath(new URL('../../support/closing-reporter.mjs', import.meta.url));

let directory: string;
beforeEach(() => void (directory = temporaryDirectory('reporter')));
afterEach(() => removeDirectory(directory));

/** Runs jest on the given files with both outputs in one pipe, as a terminal has them. */
function run(files: Readonly<Record<string, string>>, ...args: readonly string[]): { readonly lines: readonly string[]; readonly status: number | null } {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  writeFileSync(join(directory, 'jest.config.json'), JSON.stringify({ rootDir: directory, reporters: ['default', reporter], globalTeardown: join(directory, 'teardown.cjs'), maxWorkers: 1 }));
  writeFileSync(join(directory, 'teardown.cjs'), "module.exports = async () => { console.error('torn down'); };");
  const command = `"${process.execPath}" "${jest}" -c jest.config.json ${args.join(' ')} 2>&1`;
  const { stdout, status } = spawnSync('/bin/sh', ['-c', command], { cwd: directory, encoding: 'utf8' });
  return { lines: stdout.trimEnd().split('\n'), status };
}

describe('the closing line of a test run', () => {
  it('counts the test cases, after everything else that is printed', () => {
    const { lines, status } = run({ 'one.test.js': "test('a', () => {}); test('b', () => {});" });
    expect(lines).toContain('torn down');
    expect(lines.at(-1)).toBe('2 passed, 0 failed');
    expect(status).toBe(0);
  });

  it('counts a failed case, a file that cannot run and a file without a test as one failed each', () => {
    const { lines, status } = run({
      'one.test.js': "test('a', () => {}); test('b', () => { throw new Error('no'); });",
      'two.test.js': 'this is no program',
      'three.test.js': '',
    });
    expect(lines.at(-1)).toBe('1 passed, 3 failed');
    expect(status).toBe(1);
  });

  it('fails a run in which no test ran', () => {
    const { lines, status } = run({ 'one.test.js': "test('a', () => {});" }, '-t', 'nothing-of-this-name');
    expect(lines.at(-1)).toBe('0 passed, 0 failed');
    expect(status).toBe(1);
  });
});
