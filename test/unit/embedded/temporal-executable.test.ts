import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporalFromOfficialSite } from '../../../embedded/temporal-download.ts';
import { findTemporalExecutable, type TemporalSource } from '../../../embedded/temporal-executable.ts';
import { removeDirectory, temporaryDirectory } from '../../support/test-servers.ts';
import { withServer } from '../../support/with-server.ts';

const program = (server: string): string => `#!/bin/sh\necho "temporal version 9.9.9 (Server ${server}, UI 1.0.0)"\n`;
const from = (name: string, content: string): TemporalSource => ({ name, fetch: () => Promise.resolve(Buffer.from(content)) });
const broken = (name: string, reason: string): TemporalSource => ({ name, fetch: () => Promise.reject(new Error(reason)) });
const ABSENT = 'no-such-temporal-program';

let directory: string;
let lines: string[];
const log = (line: string): void => void lines.push(line);

beforeEach(() => {
  directory = temporaryDirectory('executable');
  lines = [];
});

afterEach(() => removeDirectory(directory));

function onDisk(name: string, server: string): string {
  const file = join(directory, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, program(server));
  chmodSync(file, 0o755);
  return file;
}

describe('the Temporal program', () => {
  it('is the one on the PATH when its server is recent enough', async () => {
    const onPath = onDisk('bin/temporal', '1.32.0');
    expect(await findTemporalExecutable({ cacheDirectories: [directory], onPath, sources: [], log })).toBe(onPath);
  });

  it('is another one when that on the PATH is too old, and it is said', async () => {
    const onPath = onDisk('bin/temporal', '1.27.3');
    const found = await findTemporalExecutable({ cacheDirectories: [directory], onPath, sources: [from('somewhere', program('1.32.0'))], log });
    expect(found).not.toBe(onPath);
    expect(lines[0]).toContain('1.27 is older than 1.28');
  });

  it('is fetched once from the first source that has it, and kept', async () => {
    const search = { cacheDirectories: [join(directory, 'cache')], onPath: ABSENT, log };
    const found = await findTemporalExecutable({ ...search, sources: [broken('the first', 'is away'), from('the second', program('1.32.0'))] });
    expect(execFileSync(found, ['--version'], { encoding: 'utf8' })).toContain('Server 1.32.0');
    expect(lines).toEqual([expect.stringMatching(/^Fetched .* from the second into /)]);
    expect(await findTemporalExecutable({ ...search, sources: [] })).toBe(found);
    expect(readdirSync(dirname(found))).toEqual(['temporal']);
  });

  it('goes into the second cache when the first cannot be written', async () => {
    writeFileSync(join(directory, 'file'), '');
    const cacheDirectories = [join(directory, 'file'), join(directory, 'cache')];
    const found = await findTemporalExecutable({ cacheDirectories, onPath: ABSENT, sources: [from('somewhere', program('1.32.0'))], log });
    expect(found.startsWith(join(directory, 'cache'))).toBe(true);
  });

  it('that is nowhere to be had is an error with the reason of each source and what to do', async () => {
    const search = { cacheDirectories: [directory], onPath: ABSENT, sources: [broken('one', 'is away'), broken('two', 'has a wrong hash')], log };
    await expect(findTemporalExecutable(search)).rejects.toThrow(/one: is away; two: has a wrong hash.*TEMPORAL_ADDRESS/);
  });
});

describe('the official download', () => {
  it('is the file in the archive that the service names for this platform', async () => {
    writeFileSync(join(directory, 'temporal'), 'the program');
    execFileSync('tar', ['-czf', 'archive.tar.gz', 'temporal'], { cwd: directory });
    const asked: string[] = [];
    const site = await withServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/archive') response.end(readFileSync(join(directory, 'archive.tar.gz')));
      else response.end(JSON.stringify({ archiveUrl: `${site.url}/archive`, fileToExtract: 'temporal' }));
    });
    expect(String(await temporalFromOfficialSite(site.url))).toBe('the program');
    expect(asked[0]).toMatch(/^\/cli\/v1\.9\.1\?platform=\w+&arch=\w+&format=tar\.gz$/);
    await site.close();
  });

  it('that answers with an error says so', async () => {
    const site = await withServer((_request, response) => void response.writeHead(404).end());
    await expect(temporalFromOfficialSite(site.url)).rejects.toThrow(/answered 404/);
    await site.close();
  });
});
