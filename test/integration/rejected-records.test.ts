import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWorld, type HubWorld } from '../support/hub-world.ts';

let world: HubWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const rejected = async (state: 'open' | 'resolved') =>
  (await world.pipeline.deps.db.selectFrom('rejected_record').select('external_id').where('state', '=', state).orderBy('external_id').execute()).map((row) => row.external_id);

describe('a rejected record', () => {
  it('is settled when the same thing comes in right, by a list sync or by a pull, and the others stay open', async () => {
    await world.sync('coins-1', [{ prospectId: 'P1' }, { prospectId: 'P2' }, { prospectId: 'P3' }, { prospectId: 'P4', email: 'p4@example.test' }]);
    expect(await rejected('open')).toEqual(['P1', 'P2', 'P3']);
    await world.sync('coins-1', [{ prospectId: 'P1', email: 'p1@example.test' }]);
    expect([await rejected('open'), await rejected('resolved')]).toEqual([['P2', 'P3'], ['P1']]);
    await world.sync('coins-1', [{ prospectId: 'P4', mobile: '' }]);
    expect(await rejected('open')).toEqual(['P2', 'P3', 'P4']);
    world.coinsOf('coins-1').state.cards.put([{ ...world.coinsOf('coins-1').state.cards.require('P4'), email: 'p4@example.test' }]);
    await world.pull('coins-1');
    expect(await rejected('open')).toEqual(['P2', 'P3']);
  });

  it('stays open when what is applied was received before it was rejected', async () => {
    await world.acceptSync('coins-1', [{ prospectId: 'P9', email: 'p9@example.test' }]);
    await world.acceptSync('coins-1', [{ prospectId: 'P9' }]);
    await world.settle();
    expect(await rejected('open')).toContain('P9');
  });
});
