import { decide, type ConsentEvent } from '../../../domain/consent/ledger.ts';
import { judgeRead, recordOutcome, recordSent, recordUnknownOutcome } from '../../../domain/consent/link-memory.ts';
import { planDelivery, type DeliveryPlan } from '../../../domain/delivery/plan.ts';
import { mergeSources } from '../../../domain/merge/merge-record.ts';
import { applyVersion } from '../../../domain/merge/source-state.ts';
import { versionAfterRead } from '../../../domain/merge/version-after-read.ts';
import { emptyMemory, type LinkMemory } from '../../../domain/model/link-memory.ts';
import type { PermissionState, SourceState } from '../../../domain/model/record.ts';
import type { ConsentStatement, SourceRow } from '../../../domain/model/source-record.ts';
import { at, type SimulatedPlatform } from './simulated-platform.ts';

/** What becomes of a call: `cut` calls arrived, `lost` ones did not, and of neither does the hub learn the outcome. */
export type Fate = 'stored' | 'cut' | 'lost';

/** The pure rules put together for one contact, as the apply transaction and the sender do it. */
export class SimulatedHub {
  readonly events: ConsentEvent[] = [];
  readonly #memories = new Map<string, LinkMemory>();
  readonly #states = new Map<string, SourceState>();
  readonly #underWay = new Set<string>();

  get permission(): PermissionState {
    return decide(this.events);
  }

  get name(): unknown {
    return mergeSources([...this.#states.values()], {}).canonical['name'] ?? null;
  }

  memoryOf(platform: SimulatedPlatform): LinkMemory | null {
    return this.#memories.get(platform.id) ?? null;
  }

  take(connectorId: string, statements: readonly ConsentStatement[], minute: number): void {
    for (const statement of statements) this.events.push({ ...statement, receivedAt: at(minute), connectorId, externalId: '1', mayGrant: true });
  }

  /** Applies a read that began at `readMinute`. */
  apply(platform: SimulatedPlatform, row: SourceRow, readMinute: number, minute: number): void {
    const judged = judgeRead(this.#memories.get(platform.id) ?? emptyMemory, row, at(readMinute));
    this.#memories.set(platform.id, judged.memory);
    const before = this.#states.get(platform.id) ?? null;
    const version = versionAfterRead(before, row, judged, { connectorId: platform.id, readAt: at(readMinute), receivedAt: at(minute) });
    if (version !== null) this.#states.set(platform.id, applyVersion(before, version).state);
    this.take(platform.id, judged.statements, minute);
  }

  plan(platform: SimulatedPlatform): DeliveryPlan {
    const memory = this.memoryOf(platform);
    return planDelivery({
      projection: { fields: { name: mergeSources([...this.#states.values()], {}).canonical['name'] ?? null }, withheld: [] }, consent: { mail: this.permission },
      permissionKeys: { mail: 'p' }, optInStrategy: 'both', memory, isNew: memory === null, urgency: 'live',
    });
  }

  /**
   * Sends what differs: the intent at `minute`, the call arrives two minutes later, the outcome is stored after another two.
   * `during` is called twice in between, one minute before and one after the call arrives.
   */
  deliver(platform: SimulatedPlatform, fate: Fate, minute: number, during: (minute: number) => void = () => undefined): void {
    const plan = this.plan(platform);
    if (plan.kind !== 'send') return;
    this.#update(platform, (memory) => recordSent(memory, plan.changes, at(minute), plan.permissionDates));
    during(minute + 1);
    if (fate !== 'lost') platform.store(plan.changes, plan.permissionDates, minute + 2);
    during(minute + 3);
    if (fate === 'stored') this.#update(platform, (memory) => recordOutcome(memory, plan.changes, at(minute + 4)));
    else this.#underWay.add(platform.id);
  }

  #update(platform: SimulatedPlatform, change: (memory: LinkMemory) => LinkMemory): void {
    this.#memories.set(platform.id, change(this.memoryOf(platform) ?? emptyMemory));
  }

  /** Notes that the call whose outcome nobody knows is over. */
  giveUp(platform: SimulatedPlatform, minute: number): void {
    if (this.#underWay.delete(platform.id)) this.#update(platform, (memory) => recordUnknownOutcome(memory, at(minute)));
  }
}
