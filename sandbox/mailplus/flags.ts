import { parseArgs } from 'node:util';
import { resolveOptions } from './options.ts';
import type { MailplusCredential, MailplusSandboxOptions, MergeRule } from './options.ts';

const textFlags = [
  'port', 'control-port', 'key', 'secret', 'external-id-field', 'latency-ms', 'skew-seconds', 'max-lists', 'max-audiences', 'merge-rules', 'dates',
] as const;
const switches = ['no-audiences', 'no-shop', 'accept-replays', 'list-in-use-417', 'sample', 'help'] as const;

type TextFlag = (typeof textFlags)[number];

/** What `--help` prints. */
export const usage = `npm run sandbox:mailplus -- [options]

  --port <n>                   port of the API (a free one)
  --control-port <n>           port of the control side (a free one)
  --key, --secret <text>       what requests are signed with (sandbox-key, sandbox-secret)
  --external-id-field <name>   field that this key's external id reads and writes (externalId)
  --credential <k:s:field>     one more key, its secret and its field; may be repeated
  --merge-rules <list>         how an insert finds its contact, in order (externalId,email)
  --skew-seconds <n>           how far oauth_timestamp may be off (300)
  --accept-replays             take a nonce that was used before
  --dates <form>               dates of the unversioned base: iso, epochMillis or epochSeconds (iso)
  --max-lists <n>              temporary lists at once (30)
  --max-audiences <n>          audiences at once (100)
  --no-audiences               as if the licence had no audiences: 403
  --no-shop                    as if the licence had no Spotler eCommerce: 403 for products, orders and conversions
  --list-in-use-417            answer 417 in place of 400 for a temporary list in use
  --option <name=value>        any other option of options.ts, its value as JSON, such as authRefusalStatus=403; may be repeated
  --latency-ms <n>             delay of every call (0)
  --sample                     begin with a small account that has something of everything
  --help                       this text

Each one with a value can come from the environment instead: MAILPLUS_SANDBOX_PORT, MAILPLUS_SANDBOX_SECRET and so on.
`;

/** What the command line asks for. */
export interface Flags {
  readonly options: MailplusSandboxOptions;
  /** Whether to begin with the sample account. */
  readonly sample: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `--flag value`, or `MAILPLUS_SANDBOX_FLAG` from the environment, which keeps a secret out of the process list.
 * `undefined` when help is wanted. Throws an error in words for what cannot be read.
 */
export function readFlags(args: readonly string[], env: Environment): Flags | undefined {
  const { values } = parseArgs({ args: [...args], options: parserOptions() });
  if (values['help'] === true) return undefined;
  const setting: Setting = (flag) => {
    const given = values[flag] ?? env[`MAILPLUS_SANDBOX_${flag.replaceAll('-', '_').toUpperCase()}`];
    return typeof given === 'string' ? given : undefined;
  };
  const number = (flag: TextFlag, fallback: number): number => wholeNumber(flag, setting(flag), fallback);
  const list = (flag: 'credential' | 'option'): string[] => (Array.isArray(values[flag]) ? values[flag].map(String) : []);
  return {
    sample: values['sample'] === true,
    options: {
      port: number('port', 0),
      controlPort: number('control-port', 0),
      latencyMs: number('latency-ms', 0),
      skewToleranceMs: number('skew-seconds', 300) * 1_000,
      maxTemporaryLists: number('max-lists', 30),
      maxAudiences: number('max-audiences', 100),
      refuseReplays: values['accept-replays'] !== true,
      audiencesLicensed: values['no-audiences'] !== true,
      shopLicensed: values['no-shop'] !== true,
      temporaryListInUseStatus: values['list-in-use-417'] === true ? 417 : 400,
      mergeRules: mergeRules(setting('merge-rules') ?? 'externalId,email'),
      dates: dates(setting('dates') ?? 'iso'),
      credentials: [firstCredential(setting), ...list('credential').map(credential)],
      ...Object.fromEntries(list('option').map(anyOption)),
    },
  };
}

type Setting = (flag: TextFlag) => string | undefined;

function firstCredential(setting: Setting): MailplusCredential {
  return {
    key: setting('key') ?? 'sandbox-key', secret: setting('secret') ?? 'sandbox-secret', externalIdField: setting('external-id-field') ?? 'externalId',
  };
}

type ParserOptions = Record<string, { type: 'string' | 'boolean'; multiple?: boolean }>;

function parserOptions(): ParserOptions {
  const options: ParserOptions = { credential: { type: 'string', multiple: true }, option: { type: 'string', multiple: true } };
  for (const flag of textFlags) options[flag] = { type: 'string' };
  for (const flag of switches) options[flag] = { type: 'boolean' };
  return options;
}

function wholeNumber(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${flag} must be a whole number.`);
  return Number(text);
}

function mergeRules(text: string): MergeRule[] {
  return text.split(',').map((rule) => {
    if (rule === 'externalId' || rule === 'email') return rule;
    throw new Error('--merge-rules must be externalId and email, or one of them, joined by a comma.');
  });
}

function dates(text: string): 'iso' | 'epochMillis' | 'epochSeconds' {
  if (text === 'iso' || text === 'epochMillis' || text === 'epochSeconds') return text;
  throw new Error('--dates must be iso, epochMillis or epochSeconds.');
}

/** `name=value` with the name of an option and a value of the kind that its default has. */
function anyOption(text: string): [name: string, value: unknown] {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(0, equals));
  const fallback = Object.entries(resolveOptions({})).find(([known]) => known === name)?.[1];
  if (fallback === undefined) throw new Error(`--option must be name=value with the name of an option: there is no "${name}".`);
  const value = jsonOrText(text.slice(equals + 1));
  if (typeof value !== typeof fallback) throw new Error(`--option ${name} takes a ${typeof fallback}.`);
  return [name, value];
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function credential(text: string): MailplusCredential {
  const [key, secret, externalIdField] = text.split(':');
  if (!key || !secret || !externalIdField) throw new Error('--credential must be key:secret:field.');
  return { key, secret, externalIdField };
}
