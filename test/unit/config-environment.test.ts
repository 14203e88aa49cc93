import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { temporalCommandLine } from '../../config/temporal-command-line.ts';
import { parseConfig } from '../../config/environment.ts';
import { descriptions, variablesSchema } from '../../config/variables.ts';

const parse = (environment: Record<string, string> = {}): ReturnType<typeof parseConfig> => parseConfig(environment, '/srv/hub');

describe('the environment', () => {
  it('needs nothing: every setting has a default', () => {
    expect(parse()).toEqual({
      databaseUrl: undefined,
      temporal: undefined,
      temporalUiUrl: undefined,
      homeDirectory: '/srv/hub/.hub',
      gateway: { host: '127.0.0.1', port: 8080, rateLimitPerMinute: 30000, bodyLimitBytes: 10485760, formRequestsPerMinute: 20, trustedProxies: [] },
      secretKeys: undefined,
      logLevel: 'info',
      retry: { ladderMs: [60000, 300000, 600000, 3600000, 7200000, 14400000, 28800000, 43200000, 86400000], maxAttemptsPerStep: 1 },
      listSyncParkAfterMs: 3600000,
      pullIntervalMs: 300000,
      roles: ['worker', 'gateway'],
    });
  });

  it('takes an empty variable as one that is not set', () => {
    expect(parse({ DATABASE_URL: '', HUB_GATEWAY_PORT: '', TEMPORAL_ADDRESS: '' })).toEqual(parse());
  });

  it('keeps an absolute home directory and resolves a relative one', () => {
    expect(parse({ HUB_HOME: '/var/hub' }).homeDirectory).toBe('/var/hub');
    expect(parse({ HUB_HOME: 'data/../hub' }).homeDirectory).toBe('/srv/hub/hub');
  });

  it('reads secret keys with the current one first', () => {
    const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    expect(parse({ HUB_SECRET_KEYS: `new:${first.toString('base64')},old:${second.toString('base64')}` }).secretKeys).toEqual([
      { id: 'new', key: first },
      { id: 'old', key: second },
    ]);
  });

  it('reads proxies as addresses and networks', () => {
    expect(parse({ HUB_TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::/32,192.0.2.7' }).gateway.trustedProxies).toEqual(['10.0.0.0/8', '2001:db8::/32', '192.0.2.7']);
  });

  it('reads roles in a fixed order and without repetition', () => {
    expect(parse({ HUB_ROLES: 'gateway' }).roles).toEqual(['gateway']);
    expect(parse({ HUB_ROLES: 'gateway, worker,gateway' }).roles).toEqual(['worker', 'gateway']);
  });
});

describe('the Temporal server of the environment', () => {
  it('is reached with TLS as soon as there is an API key', () => {
    expect(parse({ TEMPORAL_ADDRESS: 'temporal.example:7233', TEMPORAL_API_KEY: 'k', TEMPORAL_NAMESPACE: 'hub.acct' }).temporal).toMatchObject({
      namespace: 'hub.acct',
      connectionOptions: { address: 'temporal.example:7233', apiKey: 'k', tls: true },
    });
  });

  it('is reached by operators with the same certificates, and with secrets in the environment only', () => {
    const commandLine = (more: Record<string, string>) => parse({ TEMPORAL_ADDRESS: 'temporal.example:7233', ...more }).temporal?.commandLine;
    expect(commandLine({})).toEqual({ temporal: [], tctl: [], secrets: [] });
    expect(commandLine({ TEMPORAL_API_KEY: 'k' })).toEqual({ temporal: [], tctl: ['--tls_server_name', 'temporal.example'], secrets: ['TEMPORAL_API_KEY'] });
    expect(commandLine({ TEMPORAL_TLS: 'true' })).toEqual({ temporal: ['--tls'], tctl: ['--tls_server_name', 'temporal.example'], secrets: [] });
    expect(temporalCommandLine({ TEMPORAL_TLS_CLIENT_CERT_PATH: 'client.pem', TEMPORAL_TLS_CLIENT_KEY_PATH: 'my key.pem', TEMPORAL_TLS_SERVER_NAME: 'inside.example', TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' })).toEqual({
      temporal: ['--tls-cert-path', 'client.pem', '--tls-key-path', "'my key.pem'", '--tls-server-name', 'inside.example', '--tls-disable-host-verification'],
      tctl: ['--tls_cert_path', 'client.pem', '--tls_key_path', "'my key.pem'", '--tls_server_name', 'inside.example', '--tls_disable_host_verification'],
      secrets: [],
    });
  });

  it('is used in the namespace default when none is named', () => {
    expect(parse({ TEMPORAL_ADDRESS: 'temporal.example:7233' }).temporal?.namespace).toBe('default');
  });

  it('is refused with the reason when its profile is not there', () => {
    expect(() => parse({ TEMPORAL_PROFILE: 'nowhere', TEMPORAL_CONFIG_FILE: '/nowhere.toml' })).toThrow(/TEMPORAL_.*nowhere.*TEMPORAL_ADDRESS=/);
  });
});

describe('a wrong value', () => {
  it.each([
    ['DATABASE_URL', 'mysql://hub@db.example/hub'],
    ['HUB_GATEWAY_HOST', 'two words'],
    ['HUB_GATEWAY_PORT', '65536'],
    ['HUB_GATEWAY_PORT', '80.5'],
    ['HUB_GATEWAY_PORT', '-1'],
    ['HUB_SECRET_KEYS', 'k:c2hvcnQ='],
    ['HUB_SECRET_KEYS', `k:${Buffer.alloc(32).toString('base64')},k:${Buffer.alloc(32).toString('base64')}`],
    ['HUB_LOG_LEVEL', 'loud'],
    ['HUB_RETRY_LADDER_MS', '60000,1000'],
    ['HUB_RETRY_LADDER_MS', '60000,'],
    ['HUB_MAX_ATTEMPTS_PER_STEP', '0'],
    ['HUB_RATE_LIMIT_PER_MINUTE', 'many'],
    ['HUB_BODY_LIMIT_BYTES', '1e6'],
    ['HUB_FORM_REQUESTS_PER_MINUTE', '0'],
    ['HUB_TRUSTED_PROXIES', 'proxy.example'],
    ['HUB_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['HUB_TRUSTED_PROXIES', '10.0.0.0/0'],
    ['HUB_LIST_SYNC_PARK_AFTER_MS', '1'],
    ['HUB_PULL_INTERVAL_MS', '10'],
    ['HUB_ROLES', 'worker,console'],
    ['TEMPORAL_ADDRESS', 'http://temporal.example'],
    ['TEMPORAL_TLS', 'maybe'],
    ['HUB_TEMPORAL_UI_URL', 'ftp://temporal.example'],
  ])('of %s is refused with its name, what is allowed and an example', (name, value) => {
    expect(() => parse({ [name]: value })).toThrow(new RegExp(`^${name} is .* It must be .+, for example ${name}=.+$`));
  });

  it('is reported together with every other wrong one', () => {
    expect(() => parse({ HUB_GATEWAY_PORT: 'x', HUB_ROLES: 'y' })).toThrow(/HUB_GATEWAY_PORT[^]*\n[^]*HUB_ROLES/);
  });

  it('of a secret is not repeated', () => {
    for (const name of ['DATABASE_URL', 'HUB_SECRET_KEYS']) expect(() => parse({ [name]: 'hunter2' })).toThrow(/^(?![^]*hunter2)/);
  });
});

describe('.env.example', () => {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');

  it.each(Object.entries(variablesSchema.shape))('shows %s with a value that is allowed', (name, schema) => {
    const shown = new RegExp(`^#${name}=(.+)$`, 'm').exec(text)?.[1];
    expect(schema.safeParse(shown).success).toBe(true);
    expect(schema.safeParse(descriptions.get(schema)?.example).success).toBe(true);
  });
});
