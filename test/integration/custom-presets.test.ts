import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dataTypes, type DataType } from '../../domain/presets/data-types.ts';
import { presetIds, presetOf, type PresetId } from '../../domain/presets/presets.ts';
import { openCustomGateway, type Answered, type CustomGateway } from '../support/custom-gateway.ts';

/** The onboarding page (seed 002), a letter for each data type in this order: `i` is imported, `e` exported, `b` both, `-` neither. */
const order: readonly DataType[] = ['orders', 'products', 'stock', 'shipments', 'organisations', 'contacts', 'checkouts', 'activities'];
const page: Readonly<Record<PresetId, string>> = {
  'e-commerce-with-e-fulfilment': 'iiee-bi-',
  'e-commerce-with-marketing-automation': 'ii---bi-',
  fulfilment: '-bii----',
  marketplace: 'iiee----',
  'marketing-automation': 'ee---beb',
  crm: '----bb-b',
  activities: '----ii-i',
  analytics: '----ii-i',
};

const letterOf = (preset: PresetId, dataType: DataType) => page[preset][order.indexOf(dataType)] ?? '?';
const imports = (preset: PresetId, dataType: DataType) => 'ib'.includes(letterOf(preset, dataType));
const exports = (preset: PresetId, dataType: DataType) => 'eb'.includes(letterOf(preset, dataType));
const cells = presetIds.flatMap((preset) => dataTypes.map((dataType) => [preset, dataType] as const));

let world: CustomGateway;
const answers = new Map<string, Answered>();
const told = new Map<PresetId, Awaited<ReturnType<CustomGateway['changes']>>>();

const systemOf = (preset: PresetId) => `sys-${preset}`;
/** An id of a system's own thing. */
const idOf = (preset: PresetId, dataType: DataType) => `${dataType}-of-${preset}`;

/** One record of each type. The product is the same one at most systems, by its SKU; everything else is the system's own. */
function recordOf(preset: PresetId, dataType: DataType): object {
  const sale = { currency: 'EUR', totalCents: 500, lines: [] };
  switch (dataType) {
    case 'orders': return { ...sale, number: idOf(preset, 'orders'), status: 'paid', placedAt: '2026-11-01T10:00:00Z' };
    case 'products': return { sku: preset === 'e-commerce-with-marketing-automation' ? 'SKU-2' : 'SKU-1', name: `Mug as ${preset} calls it` };
    case 'stock': return { productExternalId: idOf(preset, 'products'), freeQuantity: 7 };
    case 'shipments': return { orderExternalId: idOf('e-commerce-with-e-fulfilment', 'orders'), status: 'shipped', lines: [] };
    case 'organisations': return { name: `Firm of ${preset}`, vatNumber: `NL00${presetIds.indexOf(preset)}` };
    case 'contacts': return { email: `${preset}@people.example`, name: { firstName: 'Ann' } };
    case 'checkouts': return { ...sale, status: 'open', startedAt: '2026-11-01T10:00:00Z' };
    case 'activities': return { type: 'form.submitted', at: '2026-11-01T10:00:00Z', contactExternalId: idOf(preset, 'contacts'), description: 'Form sent' };
  }
}

async function pushAll(): Promise<void> {
  for (const preset of presetIds) {
    for (const dataType of dataTypes) answers.set(`${preset} ${dataType}`, await world.send(systemOf(preset), 'PUT', `/${dataType}/${idOf(preset, dataType)}`, recordOf(preset, dataType)));
  }
}

/** Until nothing moves any more. */
async function settle(): Promise<void> {
  for (let moved = 1; moved > 0;) {
    moved = 0;
    for (const preset of presetIds) moved += (await world.drain(systemOf(preset))).applied;
    for (const preset of presetIds) {
      const { sent, settled, actions } = await world.deliver(systemOf(preset));
      moved += sent + settled + actions;
    }
  }
}

beforeAll(async () => {
  world = await openCustomGateway();
  for (const preset of ['fulfilment', ...presetIds.filter((id) => id !== 'fulfilment')] as const) {
    await world.add(systemOf(preset), preset, { class: presetOf(preset).platformClasses[0] });
  }
  await pushAll();
  await world.send(systemOf('fulfilment'), 'PUT', '/shipments/for-the-marketplace', { orderExternalId: idOf('marketplace', 'orders'), status: 'shipped', lines: [] });
  for (const [preset, dataType] of cells) if (imports(preset, dataType)) await world.send(systemOf(preset), 'POST', `/${dataType}/complete`, {});
  await settle();
  for (const preset of presetIds) told.set(preset, await world.changes(systemOf(preset)));
}, 120_000);
afterAll(async () => world.close());

/** Whether the hub has the record that a system sent. */
async function isStored(preset: PresetId, dataType: DataType): Promise<boolean> {
  const table = dataType === 'activities' ? 'activity' as const : 'source_record' as const;
  const row = await world.gateway.db.selectFrom(table).select('external_id').where('connector_id', '=', systemOf(preset)).where('external_id', '=', idOf(preset, dataType)).executeTakeFirst();
  return row !== undefined;
}

describe('custom systems with each of the eight presets', () => {
  it('has a letter for every cell of the onboarding page', () => {
    expect(Object.values(page).map((letters) => letters.length)).toEqual(presetIds.map(() => dataTypes.length));
    expect(order.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([...dataTypes].toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it.each(cells.filter(([preset, dataType]) => imports(preset, dataType)))('%s: %s that the system sends are stored', async (preset, dataType) => {
    expect(answers.get(`${preset} ${dataType}`)).toEqual({ status: 202, body: { accepted: 1, rejected: [] } });
    expect(await isStored(preset, dataType)).toBe(true);
  });

  it.each(cells.filter(([preset, dataType]) => !imports(preset, dataType)))('%s: %s that the system sends are refused with the reason, and not stored', async (preset, dataType) => {
    expect(answers.get(`${preset} ${dataType}`)).toMatchObject({ status: 409, body: { error: { code: 'NOT_IMPORTED', message: `The preset ${presetOf(preset).title} does not import ${dataType}.` } } });
    expect(await isStored(preset, dataType)).toBe(false);
  });

  it.each(cells.filter(([preset, dataType]) => exports(preset, dataType)))('%s: %s of another system reach its feed', (preset, dataType) => {
    const entries = told.get(preset)?.filter((entry) => entry.dataType === dataType) ?? [];
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.map(({ externalId }) => externalId)).not.toContain(idOf(preset, dataType));
  });

  it.each(cells.filter(([preset, dataType]) => !exports(preset, dataType)))('%s: %s are never delivered', async (preset, dataType) => {
    expect(told.get(preset)?.filter((entry) => entry.dataType === dataType)).toEqual([]);
    const { db } = world.gateway;
    const raised = await db.selectFrom('delivery').select('record_id').where('connector_id', '=', systemOf(preset)).where('data_type', '=', dataType).execute();
    const acts = dataType === 'activities' ? await db.selectFrom('action').select('id').where('connector_id', '=', systemOf(preset)).where('kind', '=', 'activity.create').execute() : [];
    expect([raised, acts]).toEqual([[], []]);
  });
});
