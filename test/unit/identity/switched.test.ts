import { describe, expect, it } from '@jest/globals';
import { isSwitched, switchedReason } from '../../../domain/identity/switched.ts';

const sentCall = (address: string) => ({ changes: { email: address }, endedAt: null, stored: false });
const known = { alternateId: 'E1', memory: { held: { email: 'ann@example.test' }, sent: { 1: sentCall('ann.new@example.test') } } };
const judge = (alternateId: string | null, address: string | null | undefined, key: string | undefined = 'email') => isSwitched(known, { alternateId, address }, key);

describe('whether an id was moved to another thing', () => {
  it('is so with another id of the platform\'s own and an address that is neither known nor sent, or none', () => {
    expect([judge('E2', 'zoe@example.test'), judge('E2', null), judge('E2', undefined)]).toEqual([true, true, true]);
  });

  it.each([
    ['a person who changes the address', judge('E1', 'zoe@example.test')],
    ['one that was made anew with the address it had, however it is written', judge('E2', ' Ann@Example.Test ')],
    ['one that a call of ours moved', judge('E2', 'ann.new@example.test')],
    ['one of which the platform does not say who it is', judge(null, 'zoe@example.test')],
    ['one that was never read', isSwitched({ ...known, alternateId: null }, { alternateId: 'E2', address: 'zoe@example.test' }, 'email')],
  ])('is not so for %s', (_what, answer) => {
    expect(answer).toBe(false);
  });

  it('is not asked where things are not found by an address', () => {
    expect(isSwitched(known, { alternateId: 'E2', address: 'zoe@example.test' }, undefined)).toBe(false);
  });

  it('is said with ids only, and with what to do', () => {
    const said = switchedReason({ externalId: '17', recordId: 17, otherRecord: 42 });
    expect(said).toMatch(/«17».*record 17.*record 42.*hub failed retry/);
    expect(switchedReason({ externalId: '17', recordId: 17, otherRecord: null })).toContain('belongs to another contact there');
  });
});
