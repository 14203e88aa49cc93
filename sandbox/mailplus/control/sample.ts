import type { StateSummary } from './dump.ts';
import type { MailplusControl } from './control.ts';

const contactCount = 20;
const firstNames = ['Ann', 'Bram', 'Carla', 'Dirk', 'Eva', 'Femke', 'Gijs', 'Hanna', 'Ivo', 'Jet'];
const shop = 'https://shop.example';

/**
 * Puts a small account into the sandbox, with something of everything: contacts, a list, forms, campaigns, automations,
 * products, mailings with what their recipients did, and a trend report. The account must be without such ids and names.
 */
export function fillSample(control: MailplusControl): StateSummary {
  addContacts(control);
  control.groups.addList({ name: 'Import of last year' });
  addForms(control);
  addShop(control);
  addStarts(control);
  addMailings(control);
  return control.summary();
}

function addContacts(control: MailplusControl): void {
  control.seedContacts(Array.from({ length: contactCount }, (_, index) => {
    const firstName = firstNames[index % firstNames.length] ?? '';
    return {
      externalId: `S${index + 1}`,
      properties: {
        email: `${firstName.toLowerCase()}${index + 1}@example.com`, firstName, lastName: `Voorbeeld ${index + 1}`, gender: index % 2 === 0 ? 'F' : 'M',
        birthday: `${1960 + index}-05-01`, postalCode: '1234 AB', city: 'Voorbeeldstad', mobileNumber: `+44 7700 900${String(index).padStart(3, '0')}`,
        freeField1: index, memberSince: '2020-01-31', yearlySpend: index * 1_000, lastPurchaseDate: '2024-02-01T10:00:00+01:00',
      },
      permissions: index % 4 === 0 ? [] : [1, 2],
      created: '2023-01-01', lastChanged: `2024-01-${String(index + 1).padStart(2, '0')}T09:00:00Z`,
    };
  }));
}

function addForms(control: MailplusControl): void {
  const email = { name: 'email', description: 'E-mail', type: 'email', required: true, property: 'email' } as const;
  control.forms.addForm({ name: 'Newsletter', formSubType: 'subscribe', permissionBit: 1, fields: [email, { name: 'firstName', property: 'firstName' }] });
  control.forms.addForm({ name: 'Your profile', formSubType: 'editProfile', fields: [email, { name: 'city', property: 'city' }] });
  control.forms.addForm({ name: 'No more mail', formSubType: 'unSubscribe', fields: [email] });
  const survey = control.forms.addForm({
    name: 'Survey', fields: [email, { name: 'mark', type: 'select', options: ['1', '2', '3'], required: true, page: 2 }],
  });
  control.forms.submitForm(survey.id, { contact: { externalId: 'S2' }, answers: { email: ['bram2@example.com'], mark: ['3'] }, at: '2024-03-01T12:00:00Z' });
}

function addShop(control: MailplusControl): void {
  for (const [index, name] of ['Mug', 'Tea', 'Kettle', 'Spoon', 'Tray'].entries()) {
    control.shop.addProduct({
      externalId: `product-${index + 1}`, name, price: (index + 1) * 995, link: `${shop}/${index + 1}`, category: 'Home/Kitchen',
      imageUrl: `${shop}/${index + 1}.jpg`, imageLargeUrl: `${shop}/${index + 1}-large.jpg`, stock: 'GOOD', customProperties: { colour: 'blue' },
    });
  }
}

function addStarts(control: MailplusControl): void {
  const links = [{ id: 1, name: 'Cart', url: `${shop}/cart`, type: 'webshop' as const }];
  control.starts.addCampaign({ name: 'Abandoned cart', triggers: ['Cart left'], mailings: [{ name: 'Your cart', links }, { name: 'Still there', links }] });
  control.starts.addCampaign({ name: 'Birthday', active: false, triggers: [] });
  control.starts.addAutomation({ name: 'Welcome' });
  control.starts.addAutomation({ name: 'Survey after a visit', participationLimit: 1 });
}

function addMailings(control: MailplusControl): void {
  const report = control.reports.addTrendReport({ name: 'Newsletter' });
  for (const [index, name] of ['January', 'February', 'March'].entries()) {
    control.sendMailing({
      name, sentAt: `2024-0${index + 1}-20T12:00:00Z`, changedAt: `2024-0${index + 1}-20T12:05:00Z`, recipients: { bit: 1 }, trendReportId: report.id, seed: index + 1,
      links: [
        { id: 1, name: 'Shop', url: shop, type: 'webshop' }, { id: 2, name: 'Unsubscribe', url: `${shop}/out`, type: 'unsubscribe' },
      ],
      bounced: { count: 1, type: 'SOFT' }, opened: { ratio: 0.5 }, clicked: { ratio: 0.2 },
    });
  }
  control.sendMailing({ name: 'Sale today', type: 'SMS', sentAt: '2024-03-25T08:00:00Z', changedAt: '2024-03-25T08:01:00Z', recipients: { bit: 2 } });
}
