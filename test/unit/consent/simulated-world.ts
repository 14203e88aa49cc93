import { SimulatedHub, type Fate } from './simulated-hub.ts';
import { at, SimulatedPlatform, type PlatformKind } from './simulated-platform.ts';
import type { SourceRow } from '../../../domain/model/source-record.ts';

/** One thing that happens. `where` 0 is the first platform, 1 the second. */
export type Step =
  | { readonly do: 'turn' | 'rename' | 'snapshot' | 'read'; readonly where: 0 | 1 }
  | { readonly do: 'deliver'; readonly where: 0 | 1; readonly fate: Fate; readonly looksFirst: boolean; readonly during: readonly [During, During] }
  | { readonly do: 'say'; readonly granted: boolean; readonly arrives: boolean }
  | { readonly do: 'arrive' | 'judge'; readonly which: number }
  | { readonly do: 'import'; readonly granted: boolean };

/** Before and after a call arrives: nothing, a read that is applied at once, or one that is applied later. */
export type During = 'nothing' | 'read' | 'snapshot';

/** How a history begins. */
export interface Beginning {
  readonly kinds: readonly [PlatformKind, PlatformKind];
  readonly exists: readonly [boolean, boolean];
  readonly isOn: readonly [boolean, boolean];
}

/** What the person said, and since when the hub must have heard it. */
interface Word {
  readonly granted: boolean;
  readonly minute: number;
  /** The hub can have heard it. */
  canBeKnown: boolean;
  /** The hub has heard it. */
  isKnown: boolean;
  readonly where: SimulatedPlatform | null;
}

interface Snapshot {
  readonly platform: SimulatedPlatform;
  readonly row: SourceRow;
  readonly minute: number;
}

/**
 * One person, two platforms, a form whose messages come late, twice or in disorder, and the hub. The oracle is `words`: it knows nothing of
 * ledgers, memories or plans. What no hub could see is left out: a switch
 * that is turned on and off again between two reads, turned while a call is under way whose outcome is never learnt, and anything
 * that a write covers before it was read.
 */
export class World {
  readonly hub = new SimulatedHub();
  readonly platforms: readonly [SimulatedPlatform, SimulatedPlatform];
  readonly words: Word[] = [];
  /** The last name that anybody gave at a platform. */
  lastName: string | null = null;
  readonly #unseenNames = new Set<SimulatedPlatform>();
  readonly #snapshots: Snapshot[] = [];
  #minute = 100;

  constructor({ kinds, exists, isOn }: Beginning) {
    const make = (i: 0 | 1) => new SimulatedPlatform(i === 0 ? 'm' : 'n', kinds[i], { exists: exists[i], isOn: isOn[i], minute: 10 + i });
    this.platforms = [make(0), make(1)];
    for (const platform of this.platforms) {
      if (platform.isOn) this.#word(true, platform.showsDates ? Number(platform.id === 'n') + 10 : -1, platform);
    }
  }

  run(step: Step): void {
    this.#minute += 3;
    switch (step.do) {
      case 'turn': return this.#turn(this.platforms[step.where]);
      case 'rename': return this.#rename(this.platforms[step.where]);
      case 'snapshot': return this.#snapshot(this.platforms[step.where]);
      case 'read': return this.#read(this.platforms[step.where]);
      case 'deliver': return this.#deliver(this.platforms[step.where], step.fate, step.looksFirst, step.during);
      case 'say': return this.#say(step.granted, step.arrives);
      case 'arrive': return this.#arrive(step.which);
      case 'judge': return this.#judge(step.which);
      default: return this.#import(step.granted);
    }
  }

  /** Everything that is on its way arrives, everything is read, everything is delivered. */
  settle(): void {
    for (const word of this.words.filter((each) => each.where === null && each.minute > 0)) this.#hear(word);
    for (let round = 0; round < 6; round += 1) {
      for (const platform of this.platforms) {
        this.#minute += 3;
        this.#deliver(platform, 'stored', true, ['nothing', 'nothing']);
      }
    }
  }

  /** The person's last word of all, or of what the hub is known to have heard: then every grant counts that it may have heard. */
  lastWord(onlyKnown: boolean): Word | undefined {
    const counted = this.words.filter((word) => !onlyKnown || (word.granted ? word.canBeKnown : word.isKnown));
    return counted.sort((a, b) => a.minute - b.minute).at(-1);
  }

  #word(granted: boolean, minute: number, where: SimulatedPlatform | null): Word {
    const word = { granted, minute, where, canBeKnown: where !== null, isKnown: false };
    this.words.push(word);
    return word;
  }

  #turn(platform: SimulatedPlatform): void {
    if (!platform.exists) return;
    this.hub.giveUp(platform, this.#minute);
    const isUnseen = this.words.some((word) => word.where === platform && word.granted && !word.isKnown);
    if (platform.isOn && isUnseen) this.#read(platform);
    this.#minute += 1;
    platform.turn(this.#minute);
    this.#word(platform.isOn, this.#minute, platform);
  }

  #rename(platform: SimulatedPlatform): void {
    if (!platform.exists) return;
    this.lastName = `name ${this.#minute}`;
    platform.rename(this.lastName, this.#minute);
    this.#unseenNames.add(platform);
  }

  #snapshot(platform: SimulatedPlatform): void {
    if (platform.exists) this.#snapshots.push({ platform, row: platform.read(), minute: this.#minute });
  }

  #judge(which: number): void {
    if (this.#snapshots.length === 0) return;
    const [snapshot] = this.#snapshots.splice(which % this.#snapshots.length, 1);
    if (snapshot) this.hub.apply(snapshot.platform, snapshot.row, snapshot.minute, this.#minute);
  }

  #read(platform: SimulatedPlatform): void {
    if (!platform.exists) return;
    this.hub.giveUp(platform, this.#minute);
    this.#minute += 1;
    this.hub.apply(platform, platform.read(), this.#minute, this.#minute);
    for (const word of this.words) if (word.where === platform) word.isKnown = true;
    this.#unseenNames.delete(platform);
  }

  #deliver(platform: SimulatedPlatform, fate: Fate, looksFirst: boolean, during: readonly [During, During]): void {
    if (looksFirst || this.#wouldCover(platform)) this.#read(platform);
    const shots = [...during];
    this.#minute += 1;
    this.hub.deliver(platform, fate, this.#minute, (minute) => {
      const shot = shots.shift();
      if (shot === undefined || shot === 'nothing' || !platform.exists) return;
      if (shot === 'read') this.hub.apply(platform, platform.read(), minute, minute);
      else this.#snapshots.push({ platform, row: platform.read(), minute });
    });
    this.#minute += 4;
  }

  /** The next write would cover what nobody has read yet: a turned switch, or with the contact's only stamp the time of a new name. */
  #wouldCover(platform: SimulatedPlatform): boolean {
    const plan = this.hub.plan(platform);
    if (plan.kind !== 'send') return false;
    if (this.#unseenNames.has(platform)) return true;
    return plan.changes['p'] !== undefined && this.words.some((word) => word.where === platform && !word.isKnown);
  }

  #say(granted: boolean, arrives: boolean): void {
    const word = this.#word(granted, this.#minute, null);
    if (arrives) this.#hear(word);
  }

  #arrive(which: number): void {
    const said = this.words.filter((word) => word.where === null && word.minute > 0);
    const word = said[which % Math.max(said.length, 1)];
    if (word) this.#hear(word);
  }

  #hear(word: Word): void {
    word.canBeKnown = true;
    word.isKnown = true;
    this.hub.take('form', [{ permission: 'mail', granted: word.granted, at: at(word.minute), evidence: 'form' }], this.#minute);
  }

  /** An old list without dates. */
  #import(granted: boolean): void {
    if (granted) Object.assign(this.#word(true, -2, null), { canBeKnown: true, isKnown: true });
    this.hub.take('list', [{ permission: 'mail', granted, at: null, evidence: 'list' }], this.#minute);
  }
}
