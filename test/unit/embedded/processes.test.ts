import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDirectory } from '../../../embedded/directory-lock.ts';
import { freePort, onFreePort } from '../../../embedded/ports.ts';
import { identify, isRunning } from '../../../embedded/process-identity.ts';
import { startServerProcess, tail, type ServerCommand } from '../../../embedded/server-process.ts';
import { removeDirectory, temporaryDirectory } from '../../support/test-servers.ts';
import { waitFor } from '../../support/wait-for.ts';

let directory: string;
beforeEach(() => void (directory = temporaryDirectory('processes')));
afterEach(() => removeDirectory(directory));

const node = (script: string, stopTimeoutMs = 10_000): ServerCommand => ({
  name: 'The test server',
  command: process.execPath,
  args: ['-e', script],
  workingDirectory: directory,
  logFile: join(directory, 'server.log'),
  stopSignal: 'SIGINT',
  stopTimeoutMs,
});

const untilSaid = (word: string): Promise<boolean> => waitFor(() => tail(join(directory, 'server.log')).includes(word), { message: `"${word}" in the log` });

describe('a server process', () => {
  it('ends in order by its own signal', async () => {
    const server = await startServerProcess(node("setInterval(() => {}, 1000); process.on('SIGINT', () => { console.log('goodbye'); process.exit(0); }); console.log('ready')"));
    await untilSaid('ready');
    await server.stop();
    expect(tail(join(directory, 'server.log'))).toContain('goodbye');
    expect(isRunning(server.identity)).toBe(false);
  });

  it('that does not heed its signal is killed when its time is up', async () => {
    const server = await startServerProcess(node("setInterval(() => {}, 1000); process.on('SIGINT', () => {}); console.log('ready')", 50));
    await untilSaid('ready');
    await server.stop();
    expect(server.hasExited()).toBe(true);
    expect(isRunning(server.identity)).toBe(false);
  });

  it('whose program is not there is an error that names it', async () => {
    await expect(startServerProcess({ ...node(''), command: join(directory, 'absent') })).rejects.toThrow(/The test server cannot be started .*absent/);
  });
});

describe('the identity of a process', () => {
  it('is not that of a later process with the same id', () => {
    const own = identify(process.pid);
    expect(own).toBeDefined();
    expect(isRunning({ pid: process.pid, startedAt: 'long ago' })).toBe(false);
    expect(identify(0)).toBeUndefined();
    expect(identify(Number.NaN)).toBeUndefined();
  });
});

describe('the lock of a directory', () => {
  it('is held by one process until it is released', () => {
    const lock = lockDirectory(directory);
    expect(() => lockDirectory(directory)).toThrow(`Process ${process.pid}`);
    lock.release();
    lockDirectory(directory).release();
  });

  it.each(['{"pid":1,"startedAt":"long ago"}', 'half a fi'])('is taken over from an owner that is gone (%s)', (content) => {
    writeFileSync(join(directory, 'owner.json'), content);
    lockDirectory(directory).release();
  });
});

describe('a free port', () => {
  it('is the first wanted one that nothing listens on', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const free = await freePort();
    expect(await freePort(port, undefined, free)).toBe(free);
    await new Promise((resolve) => taken.close(resolve));
    expect(await freePort(port)).toBe(port);
  });

  it('is another one when it is taken in the moment before its use', async () => {
    const tried: number[] = [];
    const started = await onFreePort([await freePort()], (port) => {
      tried.push(port);
      return tried.length < 3 ? Promise.reject(new Error('bind: address already in use')) : Promise.resolve(port);
    });
    expect(new Set(tried).size).toBe(3);
    expect(started).toBe(tried[2]);
  });

  it('is not tried again for any other failure', async () => {
    const tried: number[] = [];
    const start = (port: number): Promise<never> => Promise.reject(new Error(`no disk space ${tried.push(port)}`));
    await expect(onFreePort([], start)).rejects.toThrow('no disk space 1');
  });
});
