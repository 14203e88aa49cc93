import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;

interface Stat { readonly parent: number; readonly own: number; readonly reaped: number }

function statOf(pid: number | string): Stat | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').map(Number);
    const at = (index: number): number => fields[index] ?? 0;
    return { parent: at(1), own: at(11) + at(12), reaped: at(13) + at(14) };
  } catch {
    return undefined;
  }
}

/** CPU seconds that a process has used, with its children of now and those that ended; 0 where the system does not tell. */
export function cpuSeconds(pid: number): number {
  const self = statOf(pid);
  if (self === undefined) return 0;
  let ticks = self.own + self.reaped;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat?.parent === pid) ticks += stat.own + stat.reaped;
  }
  return ticks / ticksPerSecond;
}

/** Resident memory of a process in megabytes: `now`, or `peak`. */
export function memoryMb(pid: number, which: 'now' | 'peak'): number {
  try {
    const line = new RegExp(`^${which === 'now' ? 'VmRSS' : 'VmHWM'}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(line?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
