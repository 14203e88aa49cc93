import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { resolveMapping, type Mapping } from '../../../domain/mapping/mapping.ts';
import { rederive } from '../../../domain/mapping/rederive.ts';
import { applyVersion } from '../../../domain/merge/source-state.ts';
import type { SourceState } from '../../../domain/model/record.ts';
import { mailplus } from '../../../platforms/mailplus/index.ts';
import { accountFields } from '../../platforms/mailplus-account.ts';
import { mailplusContext } from '../../platforms/mailplus-context.ts';

const context = mailplusContext('https://mailplus.example', { fields: accountFields });
const { defaults, derive: deriveOf } = mailplus.mapping;
const usual = resolveMapping(defaults(context.settings), []);
const mappingOf = (...pairs: readonly [field: string, property: string | null][]): Mapping => resolveMapping(defaults(context.settings), pairs.map(([field, property]) => ({ field, property, direction: 'both' })));
const derive = (properties: Readonly<Record<string, unknown>>, mapping: Mapping) => {
  const derived = deriveOf({ ...context, mapping }, { externalId: '1', properties });
  if (derived === undefined) throw new Error('no contact');
  return derived;
};
const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'];
const stateOf = (fields: SourceState['canonical'], more: Partial<SourceState> = {}): SourceState =>
  ({ connectorId: 'mailplus-1', externalId: '1', dataType: 'contacts', canonical: fields, fieldTimes: Object.fromEntries(Object.keys(fields).map((name) => [name, early])), edited: [], versions: [], sourceTime: late, deleted: false, ...more });

describe('a source record under another mapping', () => {
  it('says of the new field what it said of the old one, since the same time, edited or not', () => {
    const payload = { foreignCode: 'nl', city: 'Gouda' };
    const state = stateOf(derive(payload, usual).canonical, { edited: ['extra.foreignCode'] });
    expect(state.canonical).toMatchObject({ 'extra.foreignCode': 'nl', city: 'Gouda' });
    const after = rederive(state, derive(payload, usual), derive(payload, mappingOf(['country', 'foreignCode'])));
    expect(after).toMatchObject({ canonical: { country: 'NL', city: 'Gouda' }, fieldTimes: { country: early, city: early }, edited: ['country'], versions: [{ at: late }] });
    expect(after?.canonical).not.toHaveProperty(['extra.foreignCode']);
  });

  it('keeps a value that the new field does not take as an extra one', () => {
    const payload = { foreignCode: 'Atlantis' };
    const state = stateOf(derive(payload, usual).canonical);
    expect(rederive(state, derive(payload, usual), derive(payload, mappingOf(['country', 'foreignCode'])))).toBeNull();
  });

  it('does not say what the hub had written, nor move what the payload of today does not show', () => {
    const payload = { foreignCode: 'ours', city: 'Gouda' };
    const target = mappingOf(['jobTitle', 'foreignCode']);
    expect(rederive(stateOf({ city: 'Gouda' }), derive(payload, usual), derive(payload, target))).toBeNull();
    expect(rederive(stateOf({ 'extra.foreignCode': 'older' }), derive(payload, usual), derive(payload, target))).toBeNull();
  });

  it('does not carry over that a field is empty: nobody said that of another one', () => {
    const after = rederive(stateOf({ city: null, street: 'Dam' }), derive({ street: 'Dam' }, usual), derive({ street: 'Dam' }, mappingOf(['city', 'foreignCode'])));
    expect(after?.canonical).toEqual({ street: 'Dam' });
  });

  it('swaps two fields, and leaves a deleted contact alone', () => {
    const payload = { city: 'Gouda', street: 'Dam' };
    const swapped = mappingOf(['city', 'street'], ['street', 'city']);
    expect(rederive(stateOf({ city: 'Gouda', street: 'Dam' }), derive(payload, usual), derive(payload, swapped))?.canonical).toEqual({ city: 'Dam', street: 'Gouda' });
    expect(rederive(stateOf({ city: 'Gouda' }, { deleted: true }), derive(payload, usual), derive(payload, swapped))).toBeNull();
  });

  it('gets later versions as if it had always been so', () => {
    const payload = { foreignCode: 'nl' };
    const after = rederive(stateOf({ 'extra.foreignCode': 'nl' }), derive(payload, usual), derive(payload, mappingOf(['country', 'foreignCode'])));
    const next = applyVersion(after, { ref: { connectorId: 'mailplus-1', externalId: '1' }, dataType: 'contacts', fields: { country: 'NL', city: 'Gouda' }, at: '2026-03-01T00:00:00.000Z', receivedAt: '2026-03-01T00:00:00.000Z' });
    expect(next.state).toMatchObject({ fieldTimes: { country: early, city: '2026-03-01T00:00:00.000Z' }, edited: ['city'] });
  });

  it('drops what a field kept of a property that was edited and read by the new mapping meanwhile', () => {
    const payload = { foreignCode: 'new' };
    const after = rederive(stateOf({ 'extra.foreignCode': 'old', jobTitle: 'new' }), derive(payload, usual), derive(payload, mappingOf(['jobTitle', 'foreignCode'])));
    expect(after?.canonical).toEqual({ jobTitle: 'new' });
  });

  const names = ['city', 'street', 'foreignCode', 'organisation', 'firstName'] as const;
  const anyMapping = fc.shuffledSubarray([...names]).map((order) => mappingOf(...order.map((property, i): [string, string] => [['jobTitle', 'city', 'extra.x', 'street', 'region'][i] ?? 'owner', property])));
  const anyPayload = fc.record(Object.fromEntries(names.map((name) => [name, fc.constantFrom('Gouda', 'Delft', 'Dam')])), { requiredKeys: [] });

  it('is what a first read by the new mapping gives, changes nothing the second time, and comes back', () => {
    fc.assert(fc.property(anyPayload, anyMapping, anyMapping, (payload, one, other) => {
      const [before, after] = [derive(payload, one), derive(payload, other)];
      const state = stateOf(before.canonical);
      const moved = rederive(state, before, after) ?? state;
      expect(moved.canonical).toEqual(after.canonical);
      expect(rederive(moved, before, after)).toBeNull();
      expect(new Set(Object.values(moved.fieldTimes))).toEqual(new Set(Object.keys(moved.canonical).map(() => early)));
      expect((rederive(moved, after, before) ?? moved).canonical).toEqual(before.canonical);
    }));
  });
});
