import { seededRandom } from '../random.ts';

/**
 * A disturbance to play on matching calls.
 * `html500`: status 500 with an HTML page. `status`: `status` and `body` as given. `rateLimit`: 429, with `Retry-After`
 * when `retryAfterSeconds` is given. `slow`: `latencyMs` more. `reset`: the connection is cut. `halfBody`: the answer
 * breaks off in the middle, always after the change was stored.
 */
export interface FaultSpec {
  readonly action: 'html500' | 'status' | 'rateLimit' | 'slow' | 'reset' | 'halfBody';
  /** Relative to the moment at which the change is stored. Default `before`: nothing is stored. */
  readonly when?: 'before' | 'after' | undefined;
  /** Only this method; any when absent. */
  readonly method?: string | undefined;
  /** Path below the base, `*` for one segment and `**` for any rest, such as `/contact/*`. Any when absent. */
  readonly path?: string | undefined;
  /** How many matching calls are let through first. */
  readonly skip?: number | undefined;
  /** After how many times it is over. Without it, it stays. */
  readonly count?: number | undefined;
  /** Share of the matching calls that it is played on, 0 to 1, drawn from `seed`. */
  readonly ratio?: number | undefined;
  readonly seed?: number | undefined;
  readonly latencyMs?: number | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly status?: number | undefined;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
}

/** A fault that is in force, with how often it matched and was played. */
export interface Fault {
  readonly id: number;
  readonly spec: FaultSpec;
  matched: number;
  played: number;
}

interface ArmedFault extends Fault {
  readonly pattern: RegExp;
  readonly random: () => number;
}

/** The faults in force, in the order in which they were added. At most one is played on a call. */
export class FaultBook {
  #faults: ArmedFault[] = [];
  #lastId = 0;

  add(spec: FaultSpec): Fault {
    this.#lastId += 1;
    const fault = {
      id: this.#lastId, spec, matched: 0, played: 0, pattern: pathPattern(spec.path ?? '/**'), random: seededRandom(spec.seed ?? 1),
    };
    this.#faults.push(fault);
    return fault;
  }

  list(): Fault[] {
    return this.#faults.map(({ id, spec, matched, played }) => ({ id, spec, matched, played }));
  }

  /** Whether there was such a fault. */
  remove(id: number): boolean {
    const before = this.#faults.length;
    this.#faults = this.#faults.filter((fault) => fault.id !== id);
    return this.#faults.length < before;
  }

  clear(): void {
    this.#faults = [];
  }

  /** The fault to play on this call. `path` starts at the base, without a trailing slash. */
  take(method: string, path: string): FaultSpec | undefined {
    for (const fault of this.#faults) {
      if (this.#isDue(fault, method, path)) {
        fault.played += 1;
        return fault.spec;
      }
    }
    return undefined;
  }

  #isDue(fault: ArmedFault, method: string, path: string): boolean {
    const { spec } = fault;
    if (spec.method !== undefined && spec.method !== method) return false;
    if (!fault.pattern.test(path)) return false;
    if (spec.count !== undefined && fault.played >= spec.count) return false;
    fault.matched += 1;
    if (fault.matched <= (spec.skip ?? 0)) return false;
    return spec.ratio === undefined || fault.random() < spec.ratio;
  }
}

function pathPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  const source = escaped.replaceAll('**', '\u0000').replaceAll('*', '[^/]+').replaceAll('\u0000', '.*');
  return new RegExp(`^${source}$`);
}
