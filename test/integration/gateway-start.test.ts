import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway as listenAt } from '../../gateway/start.ts';
import { startGateway, type GatewayFixture } from '../support/gateway-fixture.ts';

describe('a gateway that cannot listen', () => {
  let gateway: GatewayFixture;
  let homeDirectory: string;

  beforeAll(async () => {
    gateway = await startGateway();
    homeDirectory = await mkdtemp(join(tmpdir(), 'hub-start-'));
  });
  afterAll(async () => {
    await gateway.stop();
    await rm(homeDirectory, { recursive: true });
  });

  it('says whose port it is and what to set, instead of taking another one', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)));
    const starting = listenAt(gateway.deps, { host: '127.0.0.1', port, homeDirectory }).finally(() => other.close());
    await expect(starting).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID', message: expect.stringContaining(`127.0.0.1:${port}: another program has the port. Choose another with HUB_GATEWAY_PORT`),
    });
  });
});
