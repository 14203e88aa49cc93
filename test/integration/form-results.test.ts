import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWorld, type HubWorld } from '../support/hub-world.ts';

let world: HubWorld;

beforeAll(async () => { world = await openWorld(); });
afterAll(() => world.close());

const db = () => world.pipeline.deps.db;
const read = () => world.pipeline.read('mailplus-1', 'form-results', { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 1_000).toISOString() });
const ofCard = (prospectId: string) => world.coinsOf('coins-1').state.activities.of(prospectId);
const addForm = (name: string) => world.mail.state.forms.addForm({ name, fields: [{ name: 'email', type: 'email', property: 'email' }, { name: 'wish' }] });

describe('what people fill in in a form of Mail+', () => {
  it('is written to every card of theirs once, however often it is read, and its answers are kept nowhere', async () => {
    const email = 'viewer@example.test';
    await world.sync('coins-1', [{ prospectId: 'F1', email }, { prospectId: 'F1-twin', email }]);
    await world.settle();
    const form = addForm('Viewing');
    const result = world.mail.state.forms.submitForm(form.id, { contact: { email }, answers: { email: [email], wish: ['a garden to the south'] } });
    for (let time = 0; time < 2; time += 1) {
      await read();
      await world.settle();
    }
    for (const card of ['F1', 'F1-twin']) expect(ofCard(card)).toMatchObject([{ type: 'form.submitted', description: 'Form «Viewing» submitted' }]);
    const activities = await db().selectFrom('activity').selectAll().where('type', '=', 'form.submitted').execute();
    expect(activities).toMatchObject([{ external_id: `form:${form.id}:${result}`, subject_id: String(form.id), extra: {} }]);
    const payloads = await db().selectFrom('action').select('payload').where('kind', '=', 'activity.create').execute();
    expect(JSON.stringify([activities, payloads])).not.toMatch(/garden|viewer@/);
  });

  it('waits for a contact that the hub does not know at Mail+ yet', async () => {
    const email = 'newcomer@example.test';
    world.mail.state.seedContacts([{ properties: { email } }]);
    await world.sync('coins-1', [{ prospectId: 'F2', email }]);
    const form = addForm('Brochure');
    world.mail.state.forms.submitForm(form.id, { contact: { email }, answers: { email: [email] } });
    await read();
    const ofForm = () => db().selectFrom('activity').select('record_id').where('subject_id', '=', String(form.id)).execute();
    expect(await ofForm()).toEqual([{ record_id: null }]);
    await world.pull('mailplus-1');
    expect(await ofForm()).toEqual([{ record_id: expect.any(Number) }]);
    await world.settle();
    expect(ofCard('F2')).toMatchObject([{ type: 'form.submitted' }]);
  });
});
