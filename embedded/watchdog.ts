import { spawn } from 'node:child_process';

/**
 * Ends a server when this process ends without doing so, by SIGKILL too: a shell that waits for the end of a pipe whose other
 * end only this process holds. It is not there on Windows, where a server left behind is ended by the next start.
 */
export function startWatchdog(pid: number, signal: NodeJS.Signals): { dismiss(): void } {
  if (process.platform === 'win32') return { dismiss: () => undefined };
  const script = 'read -r _; kill -s "$1" "$2" 2>/dev/null';
  const shell = spawn('/bin/sh', ['-c', script, 'connect-hub-watchdog', signal.replace(/^SIG/, ''), String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell the server still runs: the next start ends it if this process never did.
  shell.once('error', () => undefined);
  shell.unref();
  return {
    dismiss: () => {
      shell.kill('SIGKILL');
      shell.stdin?.destroy();
    },
  };
}
