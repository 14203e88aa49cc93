import type { Scalar } from '../model/fields.ts';
import type { LinkMemory } from '../model/link-memory.ts';

/** A thing at a platform under an id of ours: the platform's own id of it, and its address. */
export interface SeenThing {
  /** Null where the platform does not say. */
  readonly alternateId: string | null;
  readonly address: Scalar | undefined;
}

/**
 * Whether the platform's thing with an id of ours is another one than the one that the hub gave it to (ADR 0023): another one by the
 * platform's own id, and with an address that the hub neither knows there nor sent. A person who changes the address is the same thing to the
 * platform; one that has the address which we sent is ours although the platform made it anew. Pure.
 */
export function isSwitched(known: { readonly alternateId: string | null; readonly memory: Pick<LinkMemory, 'held' | 'sent'> }, seen: SeenThing, addressKey: string | undefined): boolean {
  if (addressKey === undefined || known.alternateId === null || seen.alternateId === null || known.alternateId === seen.alternateId) return false;
  const address = inOneSpelling(seen.address);
  const { held, sent } = known.memory;
  const ours = [held[addressKey], ...Object.values(sent).map(({ changes }) => changes[addressKey])].map(inOneSpelling).filter((one) => one !== '');
  return !ours.includes(address);
}

const inOneSpelling = (value: Scalar | undefined): string => (typeof value === 'string' ? value.trim().toLowerCase() : '');

/** Said of what waits for an operator because of it. Ids only. `otherRecord`: whom the other thing belongs to, where the hub knows it. */
export function switchedReason({ externalId, recordId, otherRecord }: { readonly externalId: string; readonly recordId: number; readonly otherRecord: number | null }): string {
  const other = otherRecord === null ? 'another contact' : `the contact of record ${otherRecord}`;
  return `the id «${externalId}», which the hub gave to the contact of record ${recordId}, belongs to ${other} there, with another e-mail address: somebody moved it, and nothing is sent to it.`
    + ' Give it back there, and all goes on by itself; or `hub failed retry` with the id of this entry: the contact of this record gets another id then, found by the address that it had there';
}
