import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findRunningServers, startServers, type ServersConfig } from '../../embedded/servers.ts';
import { removeDirectory, temporaryDirectory, testServers } from '../support/test-servers.ts';
import { testTemporal } from '../support/test-temporal.ts';

let home: string;
let said: string[];
const log = (line: string): void => void said.push(line);

beforeEach(() => {
  home = temporaryDirectory('home');
  said = [];
});

afterEach(() => removeDirectory(home));

describe('the servers of a hub', () => {
  it('are the configured ones, and then nothing is started', async () => {
    const { address, namespace } = testTemporal();
    const config: ServersConfig = {
      databaseUrl: testServers().databaseUrl,
      temporal: { connectionOptions: { address }, namespace },
      temporalUiUrl: 'https://temporal-ui.example',
      homeDirectory: home,
    };
    const servers = await startServers(config, log);
    expect(servers).toMatchObject({ databaseUrl: config.databaseUrl, temporal: config.temporal, temporalUiUrl: 'https://temporal-ui.example' });
    expect(servers.embedded).toEqual({ postgres: undefined, temporal: undefined });
    expect(findRunningServers(config)).toMatchObject({ databaseUrl: config.databaseUrl, temporal: config.temporal });
    await servers.stop();
    expect(said).toEqual([]);
  });

  it('are embedded where none is configured, and a command beside the hub finds them while they run', async () => {
    const { address, namespace } = testTemporal();
    const config: ServersConfig = { databaseUrl: undefined, temporal: { connectionOptions: { address }, namespace }, temporalUiUrl: undefined, homeDirectory: join(home, 'hub') };
    expect(findRunningServers(config)).toBeUndefined();
    const servers = await startServers(config, log);
    expect(servers.embedded.postgres?.url).toBe(servers.databaseUrl);
    expect(findRunningServers(config)).toEqual({ databaseUrl: servers.databaseUrl, temporal: config.temporal, temporalUiUrl: undefined });
    await expect(startServers(config, log)).rejects.toThrow(/already runs a server/);
    await servers.stop();
    expect(findRunningServers(config)).toBeUndefined();
  });
});
