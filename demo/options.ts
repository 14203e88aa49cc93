import { parseArgs } from 'node:util';

/** What a run of the demo is told. */
export interface DemoOptions {
  /** End by itself after the checks; otherwise the hub stays up until Ctrl-C. */
  readonly once: boolean;
  /** Seed of the data: the same seed gives the same people and the same expected numbers. */
  readonly seed: number;
  /** Contacts that Mail+ has before the hub comes. */
  readonly contacts: number;
  /** Prospects of the first list sync. */
  readonly prospects: number;
  /** Other prospects, of the second list sync. */
  readonly moreProspects: number;
}

/** What `--help` prints. */
export const usage = `npm run demo -- [options]

  --once               end after the checks: exit code 0 only if every one held
  --seed <n>           seed of the data (2026)
  --contacts <n>       contacts that Mail+ has before the hub comes (5000)
  --prospects <n>      prospects of the first list sync (20000)
  --more-prospects <n> prospects of the second list sync, during which the worker is killed (5000)
`;

/** Reads the command line; `undefined` when help is asked for. Throws an Error that says what is wrong with it. */
export function readOptions(args: readonly string[]): DemoOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      seed: { type: 'string', default: '2026' },
      contacts: { type: 'string', default: '5000' },
      prospects: { type: 'string', default: '20000' },
      'more-prospects': { type: 'string', default: '5000' },
    },
  });
  if (values.help) return undefined;
  return {
    once: values.once,
    seed: whole('seed', values.seed, 0),
    contacts: whole('contacts', values.contacts, 100),
    prospects: whole('prospects', values.prospects, 500),
    moreProspects: whole('more-prospects', values['more-prospects'], 500),
  };
}

function whole(name: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`--${name} must be a whole number of at least ${least}, not «${text}».`);
}
