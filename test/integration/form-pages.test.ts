import { readFile } from 'node:fs/promises';
import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openFormWorld, shopOrigin, type FormWorld } from '../support/form-world.ts';

/** The pages of docs/mailplus.md as a browser runs them, and how many requests visitors may make. */
interface Element { value?: string; textContent?: string }

/** A form of a page: its fields by name, its output, and the way to submit it. */
interface Page {
  readonly elements: Record<string, Element>;
  readonly output: Element;
  submit(): Promise<void>;
}

async function examples(): Promise<readonly string[]> {
  const text = await readFile(new URL('../../docs/mailplus.md', import.meta.url), 'utf8');
  return [...text.matchAll(/```html\n([^]*?)```/g)].map(([, html = '']) => html);
}

/** Runs the script of a page against the little of a browser that it uses; the hub's address and the token are put in. */
function open(html: string, world: FormWorld): Page {
  const elements = Object.fromEntries([...html.matchAll(/<input name="(\w+)"/g)].map(([, name = '']): [string, Element] => [name, { value: '' }]));
  const output: Element = {};
  let submitted: (event: object) => Promise<void> = async () => undefined;
  const form = { elements, querySelector: (what: string) => (what === 'output' ? output : null), addEventListener: (_name: string, listener: typeof submitted) => { submitted = listener; } };
  const [, id = ''] = /<form id="(\w+)">/.exec(html) ?? [];
  const [, script = ''] = /<script type="module">([^]*)<\/script>/.exec(html) ?? [];
  vm.runInNewContext(script, {
    document: { querySelector: (what: string) => (what === `#${id}` ? form : null) },
    fetch: (address: string, init: { headers: Record<string, string> }) => fetch(address.replace('https://hub.example', world.url), {
      ...init, headers: { ...init.headers, authorization: (init.headers['authorization'] ?? '').replace('hub_…', world.token), origin: shopOrigin },
    }),
  });
  return { elements, output, submit: () => submitted({ preventDefault: () => undefined }) };
}

describe('the pages of docs/mailplus.md', () => {
  let world: FormWorld;
  let pages: readonly string[];

  beforeAll(async () => {
    world = await openFormWorld();
    pages = await examples();
    world.mail.state.seedContacts([{ externalId: 'P1', properties: { email: 'ann@people.example', firstName: 'Ann', city: 'Leeds', discountCode: 'SPRING-7Q2X' } }]);
    await world.command('connector', 'set', 'mailplus-1', '--set', `forms=${JSON.stringify({
      newsletter: { origins: [shopOrigin], permissions: ['permissions:1'] }, offer: { origins: [shopOrigin], search: ['discountCode'], answer: ['firstName', 'city'] },
    })}`);
  });
  afterAll(async () => world.close());

  it('are short', () => {
    expect(pages).toHaveLength(2);
    for (const html of pages) expect(html.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
  });

  it('subscribe, and say what is wrong with an address', async () => {
    const page = open(pages[0] ?? '', world);
    page.elements['email'] = { value: 'ann(at)people.example' };
    await page.submit();
    expect(page.output.textContent).toContain('has no @');
    page.elements['email'] = { value: 'dora@people.example' };
    await page.submit();
    expect(page.output.textContent).toBe('Thank you!');
    expect((await world.gateway.db.selectFrom('inbox').select('payload').execute()).map(({ payload }) => payload)).toEqual([expect.objectContaining({ email: 'dora@people.example', permissionKeys: ['permissions:1'] })]);
  });

  it('fill themselves in by a code, and say when it is not valid', async () => {
    const page = open(pages[1] ?? '', world);
    page.elements['code'] = { value: 'NOSUCH' };
    await page.submit();
    expect([page.output.textContent, page.elements['firstName']?.value]).toEqual(['This code is not valid.', '']);
    page.elements['code'] = { value: 'spring-7q2x' };
    await page.submit();
    expect([page.output.textContent, page.elements['firstName']?.value, page.elements['city']?.value]).toEqual(['', 'Ann', 'Leeds']);
    world.mail.state.addFault({ action: 'reset', path: '/contact/search' });
    await page.submit();
    expect(page.output.textContent).toContain('does not answer at the moment');
  });
});

describe('the rate limit of forms', () => {
  const open = (trustedProxies: readonly string[]) => openFormWorld({ formRequestsPerMinute: 2, trustedProxies });
  const ask = (world: FormWorld, forwardedFor?: string) => world.send('offer', 'search', { values: { discountCode: 'NOSUCH' } }, forwardedFor === undefined ? {} : { forwardedFor });

  it('counts by the visitor\'s address, and refuses so that the page can read when to come back', async () => {
    const world = await open(['127.0.0.1', '::1']);
    try {
      for (const visitor of ['203.0.113.7', '203.0.113.8', '2001:db8:1:2::1']) {
        expect([(await ask(world, visitor)).status, (await ask(world, visitor)).status]).toEqual([200, 200]);
      }
      const refused = await ask(world, '203.0.113.7');
      expect([refused.status, refused.body.error['code'], refused.headers.get('access-control-allow-origin'), refused.headers.get('access-control-expose-headers')]).toEqual([429, 'REQUEST_RATE_LIMITED', shopOrigin, 'Retry-After']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await ask(world, '2001:db8:1:2:ffff::9')).status).toBe(429);
      expect((await ask(world, '2001:db8:1:3::1')).status).toBe(200);
      const subscribing = await world.send('newsletter', 'subscribe', { email: 'ann@people.example', permissions: ['permissions:1'] }, { forwardedFor: '203.0.113.8' });
      expect([subscribing.status, await world.gateway.db.selectFrom('inbox').select('id').execute()]).toEqual([429, []]);
      expect((await world.command('connector', 'list')).code).toBe(0);
    } finally {
      await world.close();
    }
  });

  it('does not believe a visitor who gives another address without a proxy that is named', async () => {
    const world = await open([]);
    try {
      expect([(await ask(world, '203.0.113.7')).status, (await ask(world, '203.0.113.8')).status, (await ask(world, '203.0.113.9')).status]).toEqual([200, 200, 429]);
    } finally {
      await world.close();
    }
  });
});
