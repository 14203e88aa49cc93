import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { TEMPORAL_VERSION } from './temporal-wheel.ts';
import { fileInZip } from './zip.ts';

const run = promisify(execFile);
const ANSWER_TIMEOUT_MS = 5_000;
const DOWNLOAD_TIMEOUT_MS = 180_000;
const OFFICIAL_SITE = 'https://temporal.download';

const infoSchema = z.object({ archiveUrl: z.string(), fileToExtract: z.string() });

/**
 * The Temporal program from the official download service, by the same two requests that the Temporal SDKs make for their
 * test servers: one that names the archive for this platform, one for the archive.
 * Errors: Error when the service does not answer within five seconds, answers with an error, or has no build for this platform.
 */
export async function temporalFromOfficialSite(site: string = OFFICIAL_SITE): Promise<Buffer> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const format = platform === 'windows' ? 'zip' : 'tar.gz';
  const query = new URLSearchParams({ platform, arch, format });
  const answer = await request(`${site}/cli/v${TEMPORAL_VERSION}?${query.toString()}`, ANSWER_TIMEOUT_MS);
  const info = infoSchema.parse(await answer.json());
  const archive = Buffer.from(await (await request(info.archiveUrl, DOWNLOAD_TIMEOUT_MS)).arrayBuffer());
  return format === 'zip' ? fileInZip(archive, info.fileToExtract) : fileInTar(archive, info.fileToExtract);
}

async function request(url: string, timeoutMs: number): Promise<Response> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
  return response;
}

async function fileInTar(archive: Buffer, name: string): Promise<Buffer> {
  const directory = mkdtempSync(join(tmpdir(), 'connect-hub-download-'));
  try {
    writeFileSync(join(directory, 'archive.tar.gz'), archive);
    await run('tar', ['-xzf', 'archive.tar.gz', name], { cwd: directory });
    return readFileSync(join(directory, name));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
