import { describe, expect, it } from '@jest/globals';
import { recordOutcome, recordSent } from '../../../domain/consent/link-memory.ts';
import { lanes } from '../../../domain/delivery/lanes.ts';
import { planDelivery, withKept, type PlanInput } from '../../../domain/delivery/plan.ts';
import { emptyMemory, type LinkMemory } from '../../../domain/model/link-memory.ts';
import type { PermissionState } from '../../../domain/model/record.ts';

const at = '2026-01-05T00:00:00.000Z';
const state = (word: PermissionState['state']): PermissionState => ({ state: word, at: word === 'unknown' ? null : at, connectorId: 'c' });
const holding = (held: LinkMemory['held']): LinkMemory => ({ ...emptyMemory, held, readAt: at });

function plan(more: Partial<PlanInput>) {
  return planDelivery({
    projection: { fields: {}, withheld: [] }, consent: {}, permissionKeys: { mail: 'p1' }, optInStrategy: 'both', memory: holding({ p1: false }), isNew: false,
    urgency: 'live', ...more,
  });
}

describe('what is not overwritten', () => {
  const projection = { fields: { email: 'new@people.example', name: 'Ann' }, withheld: [], onlyWhenNew: { email: 'it is the user name' } };

  it('stays as it is held, and is shown as held back while it differs', () => {
    const memory = holding({ email: 'old@people.example', name: 'Bea' });
    const kept = withKept(projection, memory, false);
    expect(kept.fields).toEqual({ email: 'old@people.example', name: 'Ann' });
    expect(plan({ memory, projection: kept, permissionKeys: {} })).toMatchObject({ kind: 'send', changes: { name: 'Ann' }, heldBack: '«email» is held back: it is the user name' });
    expect(withKept({ ...projection, fields: { email: 'old@people.example' } }, memory, false).withheld).toEqual([{ key: 'email', reason: 'it is the user name', value: 'old@people.example' }]);
  });

  it('is given to what is new, and where nothing stands yet', () => {
    expect(withKept(projection, emptyMemory, true)).toBe(projection);
    expect(withKept(projection, holding({ email: '', name: 'Bea' }), false)).toBe(projection);
  });
});

describe('fields', () => {
  it('are sent only where they differ from what is held; nothing, an empty text and null are the same', () => {
    const memory = holding({ a: 1, b: 'x', c: '', e: 'old' });
    const projection = { fields: { a: 1, b: 'y', c: null, d: '', e: null }, withheld: [] };
    expect(plan({ memory, projection })).toEqual({
      kind: 'send', changes: { b: 'y', e: null }, permissionDates: {}, withheld: [], lane: lanes.live, reason: '2 fields differ from what the platform holds',
    });
  });

  it('of a new thing are those with a value', () => {
    expect(plan({ isNew: true, memory: null, projection: { fields: { a: 'x', b: null, c: '', d: 0 }, withheld: [] } })).toMatchObject({
      kind: 'send', changes: { a: 'x', d: 0, p1: false }, reason: 'the platform does not have it yet',
    });
  });

  it('that are held back are named when nothing else differs', () => {
    const projection = { fields: {}, withheld: [{ key: 'postcode', reason: 'no Dutch postcode' }] };
    expect(plan({ projection })).toEqual({ kind: 'nothing', reason: 'nothing differs but what the platform does not take: postcode' });
    expect(plan({})).toEqual({ kind: 'nothing', reason: 'the platform holds all of it already' });
  });
});

describe('what is only to be taken away', () => {
  const projection = { fields: { deleted: true }, withheld: [], onlyTakesAway: 'it was cancelled before it was sent' };

  it('is not sent where nothing is', () => {
    expect(plan({ projection, isNew: true, memory: null, permissionKeys: {} })).toEqual({ kind: 'excluded', reason: 'it was cancelled before it was sent' });
  });

  it('is sent where the thing is, or may have arrived', () => {
    const perhaps = recordSent(emptyMemory, { deleted: false }, at);
    for (const memory of [holding({ deleted: false }), perhaps]) {
      expect(plan({ projection, isNew: memory === perhaps, memory, permissionKeys: {} })).toMatchObject({ kind: 'send', changes: { deleted: true } });
    }
  });
});

describe('permissions', () => {
  const wish = (word: PermissionState['state'], held: boolean | undefined, more: Partial<PlanInput> = {}) => {
    const result = plan({ consent: { mail: state(word) }, memory: holding(held === undefined ? {} : { p1: held }), ...more });
    return result.kind === 'send' ? result.changes['p1'] : undefined;
  };

  it('are on when granted, off when withdrawn, and left alone when unknown', () => {
    expect(wish('granted', false)).toBe(true);
    expect(wish('granted', undefined)).toBe(true);
    expect(wish('granted', true)).toBeUndefined();
    expect(wish('withdrawn', true)).toBe(false);
    expect(wish('withdrawn', undefined)).toBe(false);
    expect(wish('withdrawn', false)).toBeUndefined();
    for (const held of [true, false, undefined]) expect(wish('unknown', held)).toBeUndefined();
  });

  it('are all sent to a new contact, off without consent, under every strategy that propagates', () => {
    for (const optInStrategy of ['both', 'only-subscriptions'] as const) {
      expect(wish('unknown', undefined, { isNew: true, memory: null, optInStrategy })).toBe(false);
      expect(wish('withdrawn', undefined, { isNew: true, memory: null, optInStrategy })).toBe(false);
      expect(wish('granted', undefined, { isNew: true, memory: null, optInStrategy })).toBe(true);
    }
  });

  it('are never switched off at an existing contact under only-subscriptions, and left out altogether under none', () => {
    expect(wish('withdrawn', true, { optInStrategy: 'only-subscriptions' })).toBeUndefined();
    expect(wish('granted', false, { optInStrategy: 'only-subscriptions' })).toBe(true);
    for (const word of ['granted', 'withdrawn', 'unknown'] as const) {
      expect(wish(word, true, { optInStrategy: 'none' })).toBeUndefined();
      expect(wish(word, undefined, { optInStrategy: 'none', isNew: true, memory: null })).toBeUndefined();
    }
  });

  it('carry the date of the person\'s word', () => {
    expect(plan({ consent: { mail: state('granted') } })).toMatchObject({ permissionDates: { p1: at }, reason: '1 permission differs from what the platform holds' });
    expect(plan({ isNew: true, memory: null })).toMatchObject({ permissionDates: { p1: null } });
  });

  it('that share a key are off when either was withdrawn', () => {
    const permissionKeys = { mail: 'p1', offers: 'p1' };
    for (const [mail, offers] of [['granted', 'withdrawn'], ['withdrawn', 'granted']] as const) {
      expect(wish('granted', true, { permissionKeys, consent: { mail: state(mail), offers: state(offers) } })).toBe(false);
    }
    expect(wish('granted', false, { permissionKeys, consent: { mail: state('granted') } })).toBeUndefined();
  });
});

describe('the lane', () => {
  it('is the first when a permission goes off at an existing contact, else as urgent as asked', () => {
    const withdrawal = { consent: { mail: state('withdrawn') }, memory: holding({ p1: true }) };
    expect(plan({ ...withdrawal, urgency: 'bulk' })).toMatchObject({ lane: lanes.withdrawal });
    expect(plan({ isNew: true, memory: null, urgency: 'bulk' })).toMatchObject({ lane: lanes.bulk });
    expect(plan({ consent: { mail: state('granted') }, urgency: 'live' })).toMatchObject({ lane: lanes.live });
  });
});

describe('a record that can not go to the platform', () => {
  const projection = { fields: { a: 1 }, withheld: [], excluded: 'no e-mail address' };

  it('is excluded with the reason', () => {
    expect(plan({ projection, isNew: true, memory: null })).toEqual({ kind: 'excluded', reason: 'no e-mail address' });
    expect(plan({ projection, consent: { mail: state('granted') } })).toEqual({ kind: 'excluded', reason: 'no e-mail address' });
  });

  it('still withdraws where it is known', () => {
    expect(plan({ projection, consent: { mail: state('withdrawn') }, memory: holding({ p1: true }) })).toMatchObject({ kind: 'send', changes: { p1: false } });
  });
});

describe('a write with an unknown outcome', () => {
  it('is sent again until its outcome is known', () => {
    const unknown = recordSent(holding({ p1: true, a: 'x' }), { p1: false, a: 'y' });
    const projection = { fields: { a: 'x' }, withheld: [] };
    expect(plan({ memory: unknown, projection, consent: { mail: state('granted') } })).toMatchObject({ changes: { a: 'x', p1: true } });
    const known = recordOutcome(unknown, { a: 'x', p1: true }, '2026-02-01T00:00:00.000Z');
    expect(plan({ memory: known, projection, consent: { mail: state('granted') } }).kind).toBe('nothing');
  });

  it('of a new contact without consent is repeated with the permission off', () => {
    const memory = recordSent(emptyMemory, { a: 'x', p1: false });
    expect(plan({ memory, optInStrategy: 'only-subscriptions', projection: { fields: { a: 'x' }, withheld: [] } })).toMatchObject({ changes: { a: 'x', p1: false } });
    expect(plan({ memory: recordSent(holding({ p1: true }), { p1: false }), optInStrategy: 'only-subscriptions' }).kind).toBe('nothing');
  });
});
