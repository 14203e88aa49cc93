import { expect } from '@jest/globals';
import type { Fields } from '../../../../domain/model/fields.ts';
import type { DeliveryItem, DeliveryOutcome } from '../../../../platforms/platform.ts';
import { canonicalOf, changeItem, desiredRecord, firstPermission, newItem, projected, suiteItems } from '../calls.ts';
import type { PlatformHarness } from '../harness.ts';
import { person } from '../person.ts';
import type { Subject } from '../subject.ts';
import { check, type Check } from './check.ts';

/** Projections and deliveries. */
export function deliveryChecks(harness: PlatformHarness): readonly Check[] {
  const { project, deliver } = harness.platform;
  if (project === undefined || deliver === undefined) return [];
  const send = (subject: Subject, items: readonly DeliveryItem[]): Promise<readonly DeliveryOutcome[]> => deliver(subject.context(), 'contacts', items);
  return [...projectChecks(harness, project), ...stateChecks(harness, send)];
}

const someRecords: readonly Fields[] = [
  {}, canonicalOf(person(1)), { ...canonicalOf(person(2)), mobile: null, firstName: null }, { email: null, firstName: '' },
  { ...canonicalOf(person(3)), country: 'GB', postalCode: 'LS1 1AA', city: 'Leeds', birthDate: '1984-02-29', gender: 'F', 'extra.shoeSize': 42, 'extra.vip': true },
];

function projectChecks({ platform, holdsNothingBack }: PlatformHarness, project: NonNullable<PlatformHarness['platform']['project']>): readonly Check[] {
  return [
    check('projects purely: the same for the same, without touching what it is given, and nothing undefined', (subject) => {
      const context = frozen(subject.context({ signal: new AbortController().signal }));
      for (const canonical of someRecords) {
        const record = deeplyFrozen(desiredRecord(canonical));
        const once = project(context, 'contacts', record);
        expect(project(context, 'contacts', record)).toEqual(once);
        expect(Object.values(once.fields)).not.toContain(undefined);
        expect(JSON.parse(JSON.stringify(once))).toEqual(once);
      }
    }),
    check('gives a reason for every value that it holds back, and repeats no value in it', (subject) => {
      const values = { ...canonicalOf(person(4)), email: 'quillonne4 at wexfordt', country: 'Quillonneland', birthDate: 'Wexfordt', postalCode: 'QUILLONNE', gender: 'Quillonne' };
      const { withheld } = projected(subject, values);
      expect(withheld.length > 0).toBe(holdsNothingBack !== true);
      for (const { key, reason } of withheld) {
        expect(key).not.toBe('');
        expect(reason.toLowerCase()).not.toMatch(/quillonne|wexfordt/);
      }
    }),
    ...(platform.description.targets === 'all-links' ? [check('does not write back what the connector itself said', (subject) => {
      const context = subject.context();
      const own = { connectorId: context.connectorId, externalId: 'own', at: person(1).changedAt, edited: true };
      const { canonical, consent } = desiredRecord(canonicalOf(person(1)));
      const provenance = Object.fromEntries(Object.keys(canonical).map((name) => [name, own]));
      expect(project(context, 'contacts', { canonical, consent, provenance }).fields).toEqual({});
    })] : []),
  ];
}

type Send = (subject: Subject, items: readonly DeliveryItem[]) => Promise<readonly DeliveryOutcome[]>;

function stateChecks(harness: PlatformHarness, send: Send): readonly Check[] {
  const { createsContacts } = harness.platform.description;
  return [
    check('stores a change as it was sent, and leaves everything else alone', async (subject) => {
      const items = suiteItems(subject, [1]);
      const before = subject.stand.held(harness.idOf(1));
      expect(await send(subject, items)).toEqual([{ kind: 'stored' }]);
      expect(subject.stand.held(harness.idOf(1))).toEqual({ ...before, ...items[0]?.changes });
    }),
    ...(harness.platform.readRecords === undefined ? [] : [check('reads back what it stored', async (subject) => {
      const [item] = suiteItems(subject, [2]);
      if (item === undefined) throw new Error('no item');
      await send(subject, [item]);
      const [row] = (await harness.platform.readRecords?.(subject.context(), 'contacts', [harness.idOf(2)]))?.rows ?? [];
      expect(row?.held).toMatchObject(item.changes);
    })]),
    check('leaves the same state when the same batch comes twice, without a second effect', async (subject) => {
      const items = [...suiteItems(subject, [1, 2, 3]), ...(createsContacts ? [newItem(subject, 'new-1', person(50))] : [])];
      const untouched = subject.stand.effects();
      const first = await send(subject, items);
      const [state, effects] = [subject.stand.state(), subject.stand.effects()];
      expect(effects).not.toEqual(untouched);
      expect(await send(subject, items)).toEqual(first);
      expect(subject.stand.state()).toEqual(state);
      expect(subject.stand.effects()).toEqual(effects);
    }),
    check('makes a contact only where its description says so', async (subject) => {
      const item = newItem(subject, 'new-2', person(51));
      const [outcome] = await send(subject, [item]);
      expect(outcome?.kind).toBe(createsContacts ? 'stored' : 'refused');
      if (createsContacts) expect(subject.stand.held('new-2')).toMatchObject(item.changes);
      else expect(subject.stand.held('new-2')).toBeUndefined();
    }),
    check('tells of each item what became of it, in order, and lets one failure hold back no other', async (subject) => {
      const [unknownId] = harness.unknownIds;
      const [first, second] = suiteItems(subject, [1, 2]);
      const refused = changeItem(harness.idOf(3), harness.refusedChanges);
      const unknown = changeItem(unknownId ?? '', projected(subject, { lastName: 'Nobody' }).fields);
      const items = [refused, first, unknown, second].flatMap((item) => item ?? []);
      const outcomes = await send(subject, items);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['refused', 'stored', harness.changeOfUnknown, 'stored']);
      expect(outcomes[0]).toMatchObject({ code: 'RECORD_REFUSED', message: expect.stringMatching(/\S/) });
      for (const [index, number] of [[1, 1], [3, 2]] as const) expect(subject.stand.held(harness.idOf(number))).toMatchObject(items[index]?.changes ?? {});
    }),
    check(`${harness.changeOfUnknown === 'refused' ? 'makes nothing anew that is gone, and says so' : 'makes anew what is gone, and nothing twice'}`, async (subject) => {
      const before = subject.stand.state();
      const items = harness.unknownIds.map((id) => changeItem(id, projected(subject, { lastName: 'Nobody' }).fields));
      const gone = expect.objectContaining({ kind: 'refused', code: 'RECORD_GONE' });
      expect(await send(subject, items)).toEqual(items.map(() => (harness.changeOfUnknown === 'refused' ? gone : { kind: 'stored' })));
      const after = subject.stand.state();
      if (harness.changeOfUnknown === 'refused') expect(after).toEqual(before);
      await send(subject, items);
      expect(subject.stand.state()).toEqual(after);
    }),
    ...(harness.tellsOfMerges ? [check('tells where a merged contact went instead of storing', async (subject) => {
      subject.stand.merge?.(harness.idOf(6), harness.idOf(7));
      expect(await send(subject, suiteItems(subject, [6]))).toEqual([{ kind: 'moved', mergedInto: harness.idOf(7) }]);
    })] : []),
    check('says what was refused without addresses, numbers and secrets', async (subject) => {
      const outcomes = await send(subject, [changeItem(harness.idOf(3), harness.refusedChanges)]);
      const words = outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.message : ''));
      expect(words.filter((text) => /@|\d{7,}/.test(text) || harness.secrets.some((secret) => text.includes(secret)))).toEqual([]);
    }),
    check('takes more items at once than one call carries', async (subject) => {
      const { deliveryBatchSize } = harness.platform.description;
      const items = Array.from({ length: deliveryBatchSize + 5 }, (_, index) => changeItem(harness.idOf(1), { [firstPermission(subject)]: index % 2 === 0 }));
      expect((await send(subject, items)).map(({ kind }) => kind)).toEqual(items.map(() => 'stored'));
    }),
    check('takes an empty batch without a call', async (subject) => {
      expect(await harness.platform.deliver?.(subject.hostileContext(), 'contacts', [])).toEqual([]);
      expect(subject.hostile.arrivals).toEqual([]);
    }),
  ];
}

function frozen<Value extends object>(value: Value): Value {
  return Object.freeze({ ...value });
}

function deeplyFrozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) deeplyFrozen(part);
  return Object.freeze(value);
}
