import { describe, expect, it } from '@jest/globals';
import { planPermissionLinks, type PermissionParty } from '../../../gateway/connectors/permission-plan.ts';

const consent = 'Consent to Receive Email Marketing';

function crm(more: Partial<PermissionParty> = {}): PermissionParty {
  return {
    connectorId: 'coins-1', settings: { defaultPermission: consent }, links: {},
    fields: [{ name: 'consents', description: 'permissions', type: 'permissions', entries: [{ key: 'consent:EMAIL_MKT', description: consent }, { key: 'consent:SMS_MKT', description: 'SMS' }] }],
    ...more,
  };
}

function mailer(names: readonly string[], more: Partial<PermissionParty> = {}): PermissionParty {
  const entries = names.map((description, index) => ({ key: `permissions:${index + 1}`, description }));
  return { connectorId: 'mailplus-1', settings: {}, links: {}, fields: [{ name: 'email', description: 'E-mail', type: 'email' }, { name: 'permissions', description: 'Permissions', type: 'set', entries }], ...more };
}

describe('linking permissions', () => {
  it('links the default permission by name, without case and spaces around it, whichever was added first', () => {
    const parties = [crm(), mailer(['News', ` ${consent.toUpperCase()} `])];
    for (const order of [parties, [...parties].reverse()]) {
      const { links, unlinked } = planPermissionLinks(order);
      expect(links).toEqual({ 'coins-1': { [consent]: 'consent:EMAIL_MKT', SMS: 'consent:SMS_MKT' }, 'mailplus-1': { [consent]: 'permissions:2' } });
      expect(unlinked).toEqual([]);
    }
  });

  it('links every permission that a system of the company\'s own names, and tells those that have no counterpart', () => {
    const own = crm({ connectorId: 'custom-1', settings: { permissions: [consent, 'News', 'Post'] }, fields: [{ name: 'consents', description: 'permissions', type: 'permissions', entries: [consent, 'News', 'Post'].map((description) => ({ key: `consent:${description}`, description })) }] });
    const { links, unlinked } = planPermissionLinks([own, mailer(['news', consent])]);
    expect(links).toEqual({ 'custom-1': { [consent]: `consent:${consent}`, News: 'consent:News', Post: 'consent:Post' }, 'mailplus-1': { [consent]: 'permissions:2', News: 'permissions:1' } });
    expect(unlinked).toEqual([{ permission: 'Post', source: 'custom-1', destination: 'mailplus-1', names: ['news', consent] }]);
  });

  it('takes the override, by key or by name, before an equal name', () => {
    for (const permissionKey of ['permissions:1', 'news']) {
      const { links } = planPermissionLinks([crm({ settings: { defaultPermission: consent, permissionKey } }), mailer(['News', consent])]);
      expect(links['mailplus-1']).toEqual({ [consent]: 'permissions:1' });
    }
  });

  it('names what has no counterpart, and an override that does not exist links nothing', () => {
    const missing = planPermissionLinks([crm(), mailer(['News', 'Events'])]);
    expect(missing.unlinked).toEqual([{ permission: consent, source: 'coins-1', destination: 'mailplus-1', names: ['News', 'Events'] }]);
    expect(missing.links['mailplus-1']).toEqual({});
    const wrong = planPermissionLinks([crm({ settings: { defaultPermission: consent, permissionKey: 'nosuch' } }), mailer([consent])]);
    expect(wrong.unlinked).toHaveLength(1);
  });

  it('keeps the link when the destination renames its permission, and drops it when the permission is gone', () => {
    const links = { [consent]: 'permissions:1' };
    expect(planPermissionLinks([crm(), mailer(['Renamed'], { links })]).links['mailplus-1']).toEqual(links);
    expect(planPermissionLinks([crm(), mailer([], { links })]).links['mailplus-1']).toEqual({});
  });

  it('keeps a link whose source was removed, so that withdrawals still arrive, until another permission needs the key', () => {
    const links = { Old: 'permissions:1' };
    expect(planPermissionLinks([mailer([consent], { links })]).links['mailplus-1']).toEqual(links);
    expect(planPermissionLinks([crm(), mailer([consent], { links })]).links['mailplus-1']).toEqual({ [consent]: 'permissions:1' });
  });

  it('links two sources with one permission once, and leaves connectors without permissions alone', () => {
    const shop: PermissionParty = { connectorId: 'shop-1', settings: {}, links: {}, fields: [] };
    const { links, unlinked } = planPermissionLinks([crm(), crm({ connectorId: 'coins-2' }), mailer([consent]), shop]);
    expect(links['mailplus-1']).toEqual({ [consent]: 'permissions:1' });
    expect(links['shop-1']).toEqual({});
    expect(unlinked).toEqual([]);
  });
});
