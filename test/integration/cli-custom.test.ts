import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hub, openCliHome, type CliHome, type CliSetting } from '../support/cli-fixture.ts';

let opened: CliHome;
let here: CliSetting;

beforeAll(async () => {
  opened = await openCliHome();
  here = { homeDirectory: opened.home };
});
afterAll(() => opened.close());

const add = ['connector', 'add', 'custom', '--override'] as const;
const asShop = ['--preset', 'e-commerce-with-marketing-automation', '--set', 'class=sales-channel'] as const;

describe('a custom system by the command line', () => {
  it('is offered by the onboarding with the class that the step needs', async () => {
    expect((await hub(here, 'onboarding')).out).toMatch(/Add it with: hub connector add custom --set class=e-fulfilment$/m);
  });

  it('is asked first of what class it is', async () => {
    const { code, err } = await hub(here, ...add, '--preset', 'crm');
    expect([code, err]).toEqual([2, expect.stringContaining('e-fulfilment, marketing-automation, sales-channel, marketplace, crm, activities, analytics')]);
    expect(err).toContain('says first of what class it is');
  });

  it('may leave out what it does not need, and is not asked for it twice', async () => {
    const silent = await hub(here, ...add, ...asShop);
    expect([silent.code, silent.out]).toEqual([0, expect.stringMatching(/Added custom-1 [\s\S]*\/inbound\/custom\/custom-1[\s\S]*hub_/)]);
    const asked = await hub({ ...here, answer: () => '' }, ...add, ...asShop);
    expect([asked.code, asked.asked]).toEqual([0, ['webhookSecret (Enter for none):']]);
    const given = await hub({ ...here, variables: { HUB_CREDENTIAL_WEBHOOK_SECRET: 'topsecret-word' } }, ...add, ...asShop);
    expect([given.code, given.asked]).toEqual([0, []]);
  });

  it('gets the preset of its class where there is one, and is told which there are otherwise', async () => {
    expect(await hub(here, ...add, '--set', 'class=marketplace')).toMatchObject({ code: 0, out: expect.stringContaining('preset marketplace') });
    expect(await hub(here, ...add, '--set', 'class=crm')).toMatchObject({ code: 1, err: expect.stringContaining('Choose one of: crm, activities.') });
    expect(await hub(here, ...add, '--set', 'class=crm', '--preset', 'marketplace')).toMatchObject({ code: 1, err: expect.stringMatching(/PRESET_REFUSED.*Choose one of: crm \(CRM\), activities \(Activities\)/) });
    expect(await hub(here, ...add, '--set', 'class=crm', '--preset', 'crmm')).toMatchObject({ code: 1, err: expect.stringContaining('There is no preset «crmm». Choose one of: crm, activities.') });
    expect(await hub(here, ...add, '--set', 'class=spaceship')).toMatchObject({ code: 1, err: expect.stringMatching(/there is no such class\. It is one of: e-fulfilment, marketing-automation/) });
  });

  it('is shown with its classes, all presets, and what has to be given', async () => {
    const { out } = await hub(here, 'platforms', 'show', 'custom');
    for (const part of ['set by the setting class', 'e-commerce-with-e-fulfilment', 'analytics', 'webhookSecret (may be left out)', 'has to be given', 'languageSeparator', 'docs/custom-system.md explains']) expect(out).toContain(part);
    expect((await hub(here, 'connector', 'show', 'custom-1')).out).not.toMatch(/^pulls /m);
    expect((await hub(here, 'platforms')).out).toContain('as it is set');
    expect((await hub(here, 'onboarding')).out).toMatch(/Marketplace\(s\)[^\n]*custom/);
  });

  it('that is a late warehouse needs a yes of its own, which is named, and another one\'s override is none', async () => {
    const warehouse = ['connector', 'add', 'custom', '--set', 'class=e-fulfilment', '--preset', 'fulfilment'];
    for (const more of [[], ['--override']]) expect(await hub(here, ...warehouse, ...more)).toMatchObject({ code: 1, err: expect.stringMatching(/ONBOARDING_ORDER[\s\S]*What to do: [^\n]*--accept-late-fulfilment/) });
    expect(await hub(here, ...warehouse, '--accept-late-fulfilment')).toMatchObject({ code: 0 });
  });

  it('takes its permissions as a list', async () => {
    const { code, out } = await hub(here, 'connector', 'set', 'custom-1', '--set', 'permissions=["Newsletter","Offers"]');
    expect([code, out]).toEqual([0, expect.stringContaining('Changed custom-1')]);
    expect(await hub(here, 'connector', 'set', 'custom-1', '--set', 'permissions=Newsletter')).toMatchObject({ code: 1, err: expect.stringContaining('must be a list of names') });
    expect(await hub(here, 'connector', 'set', 'custom-1', '--set', 'class=crm')).toMatchObject({ code: 1, err: expect.stringContaining('belongs to another class') });
  });
});
