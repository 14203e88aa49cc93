import type { Prospect, WireProspect } from '../coins/wire.ts';
import type { Prng } from './prng.ts';

/** The ways in which a card is made unreadable: each breaks the type of one field that a receiver has to use. */
const SPOILERS: readonly ((prospect: Prospect) => WireProspect)[] = [
  (prospect) => ({ ...prospect, email: 4711 }),
  (prospect) => ({ ...prospect, forename: { first: prospect.forename } }),
  (prospect) => ({ ...prospect, mobile: 447700900123 }),
  (prospect) => ({ ...prospect, address: 'Kiln Row 5, Oakwold' }),
  (prospect) => ({ ...prospect, consents: 'yes' }),
  (prospect) => ({ ...prospect, consents: [{ code: 'EMAIL_MKT', description: '', value: 'Y', date: null }] }),
  (prospect) => ({ ...prospect, consents: [{ code: 'EMAIL_MKT', description: '', value: true, date: 'last Tuesday' }] }),
  (prospect) => ({ ...prospect, lastModified: 20250630 }),
];

/** The same card with one field of a wrong type. */
export function spoilType(prng: Prng, prospect: Prospect): WireProspect {
  return prng.pick(SPOILERS)(prospect);
}
