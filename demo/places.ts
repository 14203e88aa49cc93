import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRunningServers } from '../embedded/servers.ts';

/** The programs that the demo starts, and its own home directory. All paths are absolute and follow from where this file is. */
export const places = {
  home: inProject('.hub', 'demo'),
  start: inProject('dist', 'workers', 'start.js'),
  worker: inProject('dist', 'workers', 'main.js'),
  commandLine: inProject('bin', 'hub.mjs'),
  mailplus: inProject('dist', 'sandbox', 'mailplus', 'main.js'),
  coins: inProject('dist', 'sandbox', 'coins', 'main.js'),
} as const;

/** A log file of the demo. */
export const logFile = (name: string): string => join(places.home, 'logs', `${name}.log`);

/** This file is `dist/demo/places.js` when it runs. */
function inProject(...parts: readonly string[]): string {
  return join(resolve(fileURLToPath(new URL('../..', import.meta.url))), ...parts);
}

/** What the servers in the home directory are, if they run. */
export const runningServers = (): ReturnType<typeof findRunningServers> =>
  findRunningServers({ homeDirectory: places.home, databaseUrl: undefined, temporal: undefined, temporalUiUrl: undefined });

/** Removes what an earlier demo left, so that each run begins with nothing. Throws an Error while another demo runs. */
export function clearHome(): void {
  if (runningServers() !== undefined) throw new Error('Another demo runs from this directory. End it with Ctrl-C first.');
  const elsewhere = databaseElsewhere();
  if (elsewhere !== undefined) rmSync(elsewhere, { recursive: true, force: true });
  rmSync(places.home, { recursive: true, force: true });
}

/** Where an unprivileged PostgreSQL keeps its data when it cannot reach the home directory; its state file says so. */
function databaseElsewhere(): string | undefined {
  const file = join(places.home, 'postgres', 'postgres.json');
  if (!existsSync(file)) return undefined;
  const state: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const home = typeof state === 'object' && state !== null && 'home' in state ? state.home : undefined;
  return typeof home === 'string' && home.includes('postgres-data-') ? home : undefined;
}

/** The environment of this process without anything that would point the demo at servers of somebody else. */
export function ownEnvironment(more: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !/^(HUB|TEMPORAL|MAILPLUS_SANDBOX)_|^DATABASE_URL$/.test(name));
  return { ...Object.fromEntries(own), ...more };
}
