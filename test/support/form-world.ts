import type { GatewaySettings } from '../../gateway/dependencies.ts';
import { platforms } from '../../platforms/registry.ts';
import { defaultProperties } from '../../sandbox/mailplus/default-properties.ts';
import { startMailplusSandbox, type MailplusSandbox } from '../../sandbox/mailplus/index.ts';
import { hub, type CliResult } from './cli-fixture.ts';
import { startGateway, type GatewayFixture } from './gateway-fixture.ts';

/** The page that the forms of `formSettings` are for. */
export const shopOrigin = 'https://www.shop.example';

/** Three forms: one that finds by a code, one that finds by code and address, one that subscribes. */
export const formSettings = {
  offer: { origins: [shopOrigin, 'http://localhost:3000'], search: ['discountCode'], answer: ['firstName', 'discountCode', 'freeField1', 'city'] },
  both: { origins: [shopOrigin], search: ['discountCode', 'email'] },
  newsletter: { origins: [shopOrigin], permissions: ['permissions:1', 'permissions:2'], wording: 'newsletter-2026-05' },
};

/** What a page says about itself; `null` leaves it out. */
export interface PageFacts {
  readonly token?: string | null;
  readonly origin?: string | null;
  readonly connector?: string;
  readonly forwardedFor?: string;
  readonly method?: string;
}

/** What a page gets. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown> & { readonly error: Record<string, unknown> };
}

/** A gateway that listens, with a connector `mailplus-1` to a sandbox Mail+ that has a property `discountCode`. */
export interface FormWorld {
  readonly gateway: GatewayFixture;
  readonly mail: MailplusSandbox;
  readonly url: string;
  readonly token: string;
  command(...args: readonly string[]): Promise<CliResult>;
  /** Sends a body as a form does; text goes as it is. */
  send(form: string, act: string, body: unknown, page?: PageFacts): Promise<PageAnswer>;
  close(): Promise<void>;
}

/** Opens one; `close` it in `afterAll`. */
export async function openFormWorld(settings: Partial<GatewaySettings> = {}): Promise<FormWorld> {
  const mail = await startMailplusSandbox({ properties: [...defaultProperties, { name: 'discountCode', description: 'Discount code', type: 'string' }] });
  const gateway = await startGateway({ deps: { platforms }, settings: { formRequestsPerMinute: 100_000, ...settings } });
  const url = await gateway.app.listen({ port: 0, host: '127.0.0.1' });
  const cli = { url, token: await gateway.token('admin'), variables: { HUB_CREDENTIAL_KEY: 'sandbox-key', HUB_CREDENTIAL_SECRET: 'sandbox-secret' } };
  const command = (...args: readonly string[]): Promise<CliResult> => hub(cli, ...args);
  const added = await command('connector', 'add', 'mailplus', '--set', `baseUrl=${mail.url}`, '--set', `forms=${JSON.stringify(formSettings)}`);
  if (added.code !== 0) throw new Error(added.err);
  const { token }: { token: string } = JSON.parse((await command('token', 'create', '--role', 'form', '--connector', 'mailplus-1', '--json')).out);
  return {
    gateway, mail, url, token, command,
    send: (form, act, body, page = {}) => sendTo(url, `/forms/${page.connector ?? 'mailplus-1'}/${form}/${act}`, body, { token, origin: shopOrigin, ...page }),
    close: async () => {
      await gateway.stop();
      await mail.close();
    },
  };
}

async function sendTo(url: string, path: string, body: unknown, { token, origin, forwardedFor, method = 'POST' }: PageFacts): Promise<PageAnswer> {
  const response = await fetch(url + path, {
    method, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }), ...(typeof token === 'string' && { authorization: `Bearer ${token}` }), ...(typeof origin === 'string' && { origin }),
      ...(forwardedFor !== undefined && { 'x-forwarded-for': forwardedFor }),
    },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? {} : JSON.parse(text) };
}
