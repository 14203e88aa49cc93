import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** Names the file with the addresses of this run's servers; set by the global set-up, inherited by every test process. */
export const SERVERS_FILE_VARIABLE = 'HUB_TEST_SERVERS';

const serversSchema = z.object({
  /** URL of the maintenance database, as superuser. */
  databaseUrl: z.string(),
  template: z.string(),
  temporalAddress: z.string(),
  temporalNamespace: z.string(),
  /** The Temporal program that runs, for tests that start servers of their own. */
  temporalExecutable: z.string(),
});

/** The servers that one test run shares. */
export type TestServers = z.infer<typeof serversSchema>;

/** The servers of this run. Errors: Error when the file runs without the global set-up. */
export function testServers(): TestServers {
  const file = process.env[SERVERS_FILE_VARIABLE];
  if (file === undefined) throw new Error('This test needs the servers of the test run: start it through jest.config.mjs.');
  return serversSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Writes the file that `testServers` reads. */
export function publishServers(directory: string, servers: TestServers): void {
  const file = join(directory, 'servers.json');
  writeFileSync(file, JSON.stringify(servers), { mode: 0o600 });
  process.env[SERVERS_FILE_VARIABLE] = file;
}

/** A new directory that servers under accounts of their own can pass through. Remove it with `removeDirectory`. */
export function temporaryDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `hub-${name}-`));
  chmodSync(directory, 0o711);
  return directory;
}

/** Removes a directory of this run; a server that is just ending may still write in it. */
export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
