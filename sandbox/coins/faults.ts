import { createPrng } from '../dataset/prng.ts';
import type { Prng } from '../dataset/prng.ts';
import { fieldsOf, optionalText } from './checks.ts';
import { wrongValue } from './refusal.ts';

/** The ways in which the server can fail; README.md says what each does. */
const FAULT_KINDS = ['html-500', 'status', 'rate-limit', 'slow', 'reset-before', 'reset-after', 'half-body'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/**
 * When and how to fail. `path` is a pattern in which `*` stands for one segment and a closing `**` for any rest; without
 * `path` or `method` all match. `count` failures happen (default 1, or without end when `ratio` is given), each matching
 * request with the probability `ratio` (default 1; drawn from `seed`), after the first `skip` matching ones went through.
 */
export type FaultRule = {
  kind: FaultKind;
  method?: string;
  path?: string;
  count?: number;
  ratio?: number;
  seed?: number;
  skip?: number;
  /** `rate-limit`: the Retry-After header in seconds; left out of the answer when it is not given. */
  retryAfterSeconds?: number;
  /** `slow`: how long the answer waits. */
  delayMs?: number;
  /** `status`: the status of the answer, 503 unless told. */
  status?: number;
};

/** A rule and what it did so far. */
export type FaultState = FaultRule & { id: number; injected: number };

type LiveRule = FaultState & { pattern: RegExp; prng: Prng; left: number; toSkip: number };

/** The numbers of a rule with the smallest and the largest value. */
const NUMBERS = [
  ['count', 1, 1e9], ['ratio', 0, 1], ['seed', 0, 2 ** 32], ['skip', 0, 1e9], ['retryAfterSeconds', 0, 86_400],
  ['delayMs', 0, 600_000], ['status', 400, 599],
] as const;
const FAULT_FIELDS = ['kind', 'method', 'path', ...NUMBERS.map(([name]) => name)];

function patternOf(path: string | undefined): RegExp {
  if (path === undefined) return /^/;
  const open = path.endsWith('/**');
  const parts = (open ? path.slice(0, -3) : path).split('/');
  const source = parts.map((part) => (part === '*' ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))).join('/');
  return new RegExp(`^${source}${open ? '(?:/.*)?' : ''}$`);
}

function optionalNumber(fields: Record<string, unknown>, name: string, min: number, max: number): number | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= min && value <= max)) throw wrongValue(name, `${name} must be between ${min} and ${max}`);
  return value;
}

/** Reads a rule from JSON. @throws Refusal (400) with the field that is wrong */
export function readFaultRule(value: unknown): FaultRule {
  const fields = fieldsOf(value, 'fault', FAULT_FIELDS);
  const kind = FAULT_KINDS.find((known) => known === fields['kind']);
  if (kind === undefined) throw wrongValue('kind', `kind must be one of ${FAULT_KINDS.join(', ')}`);
  const rule: FaultRule = { kind };
  for (const name of ['method', 'path'] as const) {
    const text = optionalText(fields, name);
    if (text !== undefined) rule[name] = text;
  }
  for (const [name, min, max] of NUMBERS) {
    const number = optionalNumber(fields, name, min, max);
    if (number !== undefined) rule[name] = number;
  }
  return rule;
}

/** The faults that are switched on; the oldest rule that matches decides. */
export class Faults {
  #rules: LiveRule[] = [];
  #nextId = 1;

  /** Switches a fault on and returns it with its id. */
  add(rule: FaultRule): FaultState {
    const live: LiveRule = {
      ...rule,
      id: this.#nextId,
      injected: 0,
      pattern: patternOf(rule.path),
      prng: createPrng(rule.seed ?? 1),
      left: rule.count ?? (rule.ratio === undefined ? 1 : Number.POSITIVE_INFINITY),
      toSkip: rule.skip ?? 0,
    };
    this.#nextId += 1;
    this.#rules.push(live);
    return shown(live);
  }

  /** The fault that this request meets, if any; counts it. */
  take(method: string, path: string): FaultRule | undefined {
    for (const rule of this.#rules) {
      if (rule.left <= 0 || (rule.method !== undefined && rule.method !== method) || !rule.pattern.test(path)) continue;
      if (rule.toSkip > 0) {
        rule.toSkip -= 1;
        continue;
      }
      if (!rule.prng.chance(rule.ratio ?? 1)) continue;
      rule.left -= 1;
      rule.injected += 1;
      return rule;
    }
    return undefined;
  }

  /** All rules, used up ones as well. */
  list(): FaultState[] {
    return this.#rules.map(shown);
  }

  /** Switches all faults off. */
  clear(): void {
    this.#rules = [];
  }
}

function shown({ pattern: _pattern, prng: _prng, left: _left, toSkip: _toSkip, ...rule }: LiveRule): FaultState {
  return rule;
}
