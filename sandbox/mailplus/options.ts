import { defaultProperties } from './default-properties.ts';

/** One key and secret of the account; `externalIdField` names the field that its `externalId` reads and writes (contract 1.2). */
export interface MailplusCredential {
  readonly key: string;
  readonly secret: string;
  readonly externalIdField: string;
}

/** Types of contact properties in the vendor's Swagger. */
export type PropertyType =
  | 'birthdate' | 'date' | 'dateTime' | 'email' | 'gender' | 'int' | 'mobNr' | 'money' | 'postcode' | 'set' | 'string';

/** One value of a set-typed property. `bit` is its identity; `rank` is the order in which it is shown. */
interface SetEntry {
  readonly bit: number;
  readonly description: string;
  readonly rank: number;
}

/** A contact property as `GET /contact/properties/list` shows it. `entries` belongs to type `set` only. */
export interface PropertyDefinition {
  readonly name: string;
  readonly description: string;
  readonly type: PropertyType;
  readonly entries?: readonly SetEntry[];
}

/** A rule by which an insert finds the contact that it means; rules are tried in the configured order. */
export type MergeRule = 'externalId' | 'email';

/** What can be set when the sandbox starts. Everything is optional; see `README.md` for what each choice stands for. */
export interface MailplusSandboxOptions {
  /** Port of the API; 0 or absent: a free one. */
  readonly port?: number;
  /** Port of the control side; 0 or absent: a free one. */
  readonly controlPort?: number;
  readonly credentials?: readonly MailplusCredential[];
  readonly properties?: readonly PropertyDefinition[];
  /** Default `['externalId', 'email']`. With `email` among them an e-mail address is unique in the account. */
  readonly mergeRules?: readonly MergeRule[];
  /** How far an `oauth_timestamp` may lie from now. Default 5 minutes. */
  readonly skewToleranceMs?: number;
  /** Refuse a (key, timestamp, nonce) that was used before. Default true. */
  readonly refuseReplays?: boolean;
  /** Standing latency of every call; half of it passes before the change is stored, half after. Default 0. */
  readonly latencyMs?: number;
  /** Added to the account's clock (not to the one that judges `oauth_timestamp`). Default 0. */
  readonly clockOffsetMs?: number;
  /** How the unversioned base writes `created`, `lastChanged` and other stamps. Default `iso`. */
  readonly dates?: 'iso' | 'epochMillis' | 'epochSeconds';
  /** Status for a key or signature that is not accepted; sources disagree. Default 401. */
  readonly authRefusalStatus?: 401 | 403;
  /** Status for an unknown contact in a path; one source handles 400 as well. Default 404. */
  readonly unknownContactStatus?: 404 | 400;
  /** Whether `paging.after` is the offset of the next page or of this one. Default `next`. */
  readonly pagingAfter?: 'next' | 'current';
  /** Whether the last page has `next`, too, which then leads to an empty page. Default false. */
  readonly nextOnLastPage?: boolean;
  /** Whether an insert without `update` merges into the contact with its address, in place of `CONTACT_ALREADY_EXISTS`. Default true. */
  readonly insertMergesByEmail?: boolean;
  /** Whether 403, 404, 413 and 417 of audiences come without a body, for which the contract gives none. Default false. */
  readonly emptyAudienceErrors?: boolean;
  /** Temporary lists that may exist at once. Default 30. */
  readonly maxTemporaryLists?: number;
  /** Status of "Temporary list in use". The contract says 400; 417 is what audiences say of the same. Default 400. */
  readonly temporaryListInUseStatus?: 400 | 417;
  /** Audiences that may exist at once; the contract gives no number. Default 100. */
  readonly maxAudiences?: number;
  /** Whether the licence has audiences (Spotler Automation or eCommerce); without it they are 403. Default true. */
  readonly audiencesLicensed?: boolean;
  /** Whether the licence has Spotler eCommerce; without it products, orders and conversions are 403. Default true. */
  readonly shopLicensed?: boolean;
  /** Names of the custom properties of products. Default `colour` and `material`. */
  readonly productProperties?: readonly string[];
  /** Whether a contact that is inactive because of bounces refuses writes as a blacklisted one does. Default true. */
  readonly bouncedContactsRefuseWrites?: boolean;
  /** Whether an accepted write that changes nothing still moves `lastChanged`. Default false. */
  readonly identicalWritesMoveLastChanged?: boolean;
  /** Calls whose details the journal keeps. Default 5,000. Counters are exact whatever this is. */
  readonly journalMaxCalls?: number;
  /** Contacts, over all kept calls, whose details the journal keeps. Default 100,000. */
  readonly journalMaxContacts?: number;
}

/** The options with every default filled in. */
export type ResolvedOptions = Required<MailplusSandboxOptions>;

const defaults: ResolvedOptions = {
  port: 0,
  controlPort: 0,
  credentials: [{ key: 'sandbox-key', secret: 'sandbox-secret', externalIdField: 'externalId' }],
  properties: defaultProperties,
  mergeRules: ['externalId', 'email'],
  skewToleranceMs: 300_000,
  refuseReplays: true,
  latencyMs: 0,
  clockOffsetMs: 0,
  dates: 'iso',
  authRefusalStatus: 401,
  unknownContactStatus: 404,
  pagingAfter: 'next',
  nextOnLastPage: false,
  insertMergesByEmail: true,
  emptyAudienceErrors: false,
  maxTemporaryLists: 30,
  temporaryListInUseStatus: 400,
  maxAudiences: 100,
  audiencesLicensed: true,
  shopLicensed: true,
  productProperties: ['colour', 'material'],
  bouncedContactsRefuseWrites: true,
  identicalWritesMoveLastChanged: false,
  journalMaxCalls: 5_000,
  journalMaxContacts: 100_000,
};

/** Fills in the defaults. Throws when two credentials share a key or a property name is used twice. */
export function resolveOptions(options: MailplusSandboxOptions): ResolvedOptions {
  const resolved: ResolvedOptions = { ...defaults, ...options };
  refuseDuplicates('credential key', resolved.credentials.map((credential) => credential.key));
  refuseDuplicates('property name', resolved.properties.map((property) => property.name));
  return resolved;
}

function refuseDuplicates(what: string, values: readonly string[]): void {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) throw new Error(`The ${what} "${value}" is given twice.`);
    seen.add(value);
  }
}
