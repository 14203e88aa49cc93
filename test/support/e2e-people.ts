import type { Prospect, WireProspect } from '../../sandbox/coins/index.ts';
import type { ContactDump } from '../../sandbox/mailplus/index.ts';
import { EMAIL_CONSENT, EMAIL_PERMISSION_BIT } from '../../sandbox/dataset/index.ts';

/** Whether and when a person said yes to e-mail. */
export type Stand = 'granted' | 'withdrawn' | 'never asked';

const stands: readonly Stand[] = ['granted', 'granted', 'withdrawn', 'never asked'];
const saidAt = '2024-05-01T10:00:00Z';

/** One prospect card of an invented person with an address of their own. */
export function cardOf(id: string, stand: Stand, more: Partial<Prospect> = {}): WireProspect {
  return {
    prospectId: id, title: 'Ms', forename: 'Tamsin', surname: 'Larkmere', email: addressOf(id), mobile: '', telephone: '',
    address: { line1: '', line2: '', town: '', county: '', postcode: '', country: '' },
    developmentCode: 'OAKW', plot: null, source: 'WEB', levelOfInterest: 'HOT', status: 'ACTIVE', salesAdviser: 'JS',
    consents: [{ ...EMAIL_CONSENT, value: stand === 'granted', date: stand === 'never asked' ? null : saidAt }],
    lastModified: '2026-01-01T00:00:00Z', ...more,
  };
}

/** The address that a card has unless told. */
export function addressOf(id: string): string {
  return `${id.toLowerCase()}@people.example`;
}

/** Cards `<prefix>0` and on: half of the people said yes, a quarter no, a quarter was never asked. */
export function cardsOf(prefix: string, count: number): readonly WireProspect[] {
  return Array.from({ length: count }, (_, index) => cardOf(`${prefix}${index}`, standOf(index)));
}

function standOf(index: number): Stand {
  return stands[index % stands.length] ?? 'never asked';
}

/** What is wrong with what Mail+ has of these people: lost, doubled, or a permission that is or was switched otherwise than once as asked for. */
export function wrongAbout(prefix: string, count: number, contacts: readonly ContactDump[]): readonly string[] {
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const email = addressOf(`${prefix}${index}`);
    const found = contacts.filter((contact) => contact.email === email);
    const [contact] = found;
    if (contact === undefined || found.length !== 1) return [`${email}: ${found.length} contacts`];
    const wanted = standOf(index) === 'granted' ? 1 : 0;
    const { on, off } = contact.permissionFlips[EMAIL_PERMISSION_BIT] ?? { on: 0, off: 0 };
    const isRight = on === wanted && off === 0 && contact.permissions.includes(EMAIL_PERMISSION_BIT) === (wanted === 1) && contact.changingUpserts === 1;
    return isRight ? [] : [`${email}: switched on ${on}, off ${off} times, ${contact.changingUpserts} changing upserts`];
  });
}
