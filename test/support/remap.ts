import { MockActivityEnvironment } from '@temporalio/testing';
import type { OrchestrationDependencies } from '../../activities/orchestration.ts';
import { createRemapActivities, type RemapProgress } from '../../activities/remap.ts';
import { inAccount } from '../../db/database.ts';
import type { MappingChange, MappingEntry } from '../../domain/mapping/mapping.ts';
import { defaultGatewaySettings } from '../../gateway/dependencies.ts';
import { changeMapping } from '../../gateway/mapping/change-mapping.ts';
import { refreshFields } from '../../gateway/mapping/connector-fields.ts';
import { mappingView, type MappingView } from '../../gateway/mapping/mapping-view.ts';
import type { RemapDependencies } from '../../gateway/mapping/start-remap.ts';
import type { HubWorld } from './hub-world.ts';

const actor = { accountId: 'default', who: 'test' };

/** What the gateway works with, over the world's database and platforms. Nothing is started: `remap` does the work. */
function gatewayOf({ pipeline: { deps } }: HubWorld): RemapDependencies {
  const settings = { ...defaultGatewaySettings, temporalAddress: '127.0.0.1:7233', temporalNamespace: 'default' };
  return { ...deps, settings, commands: { remap: () => Promise.resolve() } };
}

/** One field of a mapping, both ways unless told. */
export const entry = (field: string, property: string | null, direction: MappingEntry['direction'] = 'both'): MappingEntry => ({ field, property, direction });

/** Changes the mapping of Mail+ as the gateway does, and brings nothing in line yet. */
export async function setMapping(world: HubWorld, set: readonly MappingEntry[], reset: MappingChange['reset'] = []): Promise<readonly string[]> {
  return changeMapping(gatewayOf(world), actor, 'mailplus-1', { set, reset });
}

/** Reads the fields of the Mail+ account again, as the gateway does. */
export async function refresh(world: HubWorld): Promise<void> {
  await refreshFields(gatewayOf(world), actor, 'mailplus-1');
}

/** The mapping as the gateway shows it. */
export async function showMapping(world: HubWorld): Promise<MappingView> {
  const { db, platforms } = world.pipeline.deps;
  return inAccount(db, 'default', (trx) => mappingView({ platforms }, trx, 'mailplus-1'));
}

/** Brings all stored contacts in line with the mapping of Mail+, for one time box; sends nothing. */
export async function remap({ pipeline: { deps } }: HubWorld, overrides: Partial<OrchestrationDependencies> = {}): Promise<RemapProgress> {
  const waker = { wake: () => undefined, close: () => Promise.resolve() };
  const activities = createRemapActivities({ ...deps, waker, intervals: { pullMs: 60_000, sweepMs: 60_000 }, ...overrides });
  return new MockActivityEnvironment().run(activities.remapContacts, { connectorId: 'mailplus-1' }) as Promise<RemapProgress>;
}

/** `setMapping`, `remap`, and everything that follows. */
export async function mapTo(world: HubWorld, set: readonly MappingEntry[], reset: MappingChange['reset'] = []): Promise<void> {
  await setMapping(world, set, reset);
  await remap(world);
  await world.settle();
}
