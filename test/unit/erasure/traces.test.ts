import { describe, expect, it } from '@jest/globals';
import { personKeys, tracesOf, withoutTraces, type Traces } from '../../../domain/erasure/traces.ts';

function traces(...fields: Parameters<typeof personKeys>): Traces {
  const found = tracesOf(personKeys(...fields));
  if (found === undefined) throw new Error('nobody to look for');
  return found;
}

const ann = traces({ email: 'ann.o+x@people.example', mobile: '+447700900123' });

describe('the keys of a person', () => {
  it('are the address and both numbers, in their normal form; what is unusable is none', () => {
    expect(personKeys({ email: ' Ann@People.example ', mobile: '+447700900123', phone: 'unknown', firstName: 'Ann' }))
      .toEqual([{ kind: 'email', value: 'ann@people.example' }, { kind: 'phone', value: '+447700900123' }]);
    expect(tracesOf(personKeys({ firstName: 'Ann' }))).toBeUndefined();
  });
});

describe('traces of a person', () => {
  it.each(['"ann.o+x@people.example"', 'to ANN.O+X@people.example.', 'mailto:ann.o+x@people.example?subject=x', '"07700 900 123"', '"0044 7700-900123"', '"(07700) 900123"'])('are found in %s', (text) => {
    expect(ann.found(text)).toBe(true);
    expect(new RegExp(ann.pattern, 'i').test(text)).toBe(true);
  });

  it.each([
    '"joann.o+x@people.example"', '"ann.o+x@people.example.org"', '"annzo+x@people.example"', '"ann.o+x@peopleXexample"', '"077009001234"', '{"email":"bob@people.example","mobile":"07700900123"}',
  ])('are not seen in %s, which is somebody else\'s', (text) => {
    expect(ann.found(text)).toBe(false);
  });
});

describe('JSON without a person', () => {
  const page = { syncId: 'S', prospects: [{ id: '1', email: 'ann.o+x@people.example', name: 'Ann', address: { line1: 'x' } }, { id: '2', email: 'bob@people.example' }] };

  it('loses the whole element that names them, and nothing of others', () => {
    expect(withoutTraces(page, ann)).toEqual({ syncId: 'S', prospects: [{ id: '2', email: 'bob@people.example' }] });
  });

  it('is nothing when all of it is about them', () => {
    expect(withoutTraces({ email: 'ann.o+x@people.example', permissionKeys: [] }, ann)).toBeNull();
  });

  it('is what it was when it does not name them', () => {
    expect(withoutTraces({ ...page, prospects: [] }, ann)).toEqual({ syncId: 'S', prospects: [] });
    expect(withoutTraces(null, ann)).toBeNull();
  });
});
