import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** A worker as the Temporal server names it: process, machine, and a word that no other process has. */
export interface WorkerIdentity {
  readonly pid: number;
  readonly host: string;
  readonly nonce: string;
}

/** The identity of a worker in this process. */
export function ownIdentity(): WorkerIdentity {
  return { pid: process.pid, host: hostname(), nonce: randomBytes(4).toString('hex') };
}

/** `4711@machine#1a2b3c4d`. */
export function formatIdentity({ pid, host, nonce }: WorkerIdentity): string {
  return `${pid}@${host}#${nonce}`;
}

/**
 * Whether a worker is known to have ended: it ran on this machine, under a number that no process has now, or that this process has. A
 * worker on another machine is never taken for ended.
 */
export function hasEnded(identity: string, own: WorkerIdentity, isAlive: (pid: number) => boolean = isProcess): boolean {
  const [, pid, host, nonce] = /^(\d+)@(.+)#([0-9a-f]+)$/.exec(identity) ?? [];
  if (host !== own.host || nonce === own.nonce) return false;
  return Number(pid) === own.pid || !isAlive(Number(pid));
}

function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
