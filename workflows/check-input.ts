import { dataTypes, isDataType } from '../domain/presets/data-types.ts';
import type { BackfillInput, BackfillRequest, FailedSelection, SourceChanged } from './message-types.ts';

/** A checked input, or a code and a sentence that says what is allowed. */
export type Checked<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly code: 'REQUEST_INVALID' | 'IDS_LOOK_PERSONAL'; readonly message: string };

type Fields = Readonly<Record<string, unknown>>;

const mostIds = 1_000;
const longestText = 200;
const connectorIdForm = /^[a-z0-9][a-z0-9-]{0,62}$/;
const dateForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;
/** An address, or a phone number in international or national form. Numbers alone are ids, unless they begin as a national number does. */
const personalForms = [/@/, /^\+[\d\s().-]{7,}$/, /^\(?0[1-9][\d().-]*\s[\d\s().-]{5,}$/, /^0[1-9]\d{8,9}$/];

const backfillExample = '{"connectorId":"mailplus-1","dataType":"contacts","from":"2020-01-01"}; dataType and from may be left out';
const sourceChangedExample = '{"dataType":"contacts","ids":["P1","P2"]}; ids may be left out';

const no = (message: string, code: 'REQUEST_INVALID' | 'IDS_LOOK_PERSONAL' = 'REQUEST_INVALID') => ({ ok: false, code, message }) as const;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const unknownName = (fields: Fields, known: readonly string[]) => Object.keys(fields).find((name) => !known.includes(name));

/** The input of the workflow `backfill`, as a person types it. */
export function checkBackfillInput(input: unknown): Checked<BackfillInput> {
  if (!isFields(input)) return no(`The input has to be JSON as ${backfillExample}.`);
  const { connectorId, resume, ...request } = input;
  if (typeof connectorId !== 'string' || !connectorIdForm.test(connectorId)) return no(`«connectorId» has to be the id of a connector, as in ${backfillExample}.`);
  if (resume !== undefined && typeof resume !== 'boolean') return no('«resume» has to be true or false.');
  const checked = checkBackfillRequest(request);
  return checked.ok ? { ok: true, value: { connectorId, ...checked.value, ...(resume === undefined ? {} : { resume }) } } : checked;
}

/** What to read, for the command `startBackfill` and the workflow. `null` and an absent request mean everything. */
export function checkBackfillRequest(request: unknown): Checked<BackfillRequest> {
  const fields = request ?? {};
  if (!isFields(fields)) return no('The request has to be JSON as {"dataType":"contacts","from":"2020-01-01"}; both may be left out.');
  const stranger = unknownName(fields, ['dataType', 'from', 'who']);
  if (stranger !== undefined) return no(`There is no «${stranger.slice(0, 40)}»; allowed is ${backfillExample}.`);
  const { dataType, from, who } = fields;
  if (dataType !== undefined && (typeof dataType !== 'string' || !isDataType(dataType))) return no(`«dataType» has to be one of ${dataTypes.join(', ')}, or left out for all that the preset imports.`);
  if (from !== undefined && (typeof from !== 'string' || !dateForm.test(from) || Number.isNaN(Date.parse(from)))) {
    return no('«from» has to be a date as 2020-01-01 or an instant as 2020-01-01T00:00:00Z, or left out for the preset\'s lookback.');
  }
  if (!isWho(who)) return no('«who» has to be a short text.');
  return { ok: true, value: { ...(dataType === undefined ? {} : { dataType }), ...(from === undefined ? {} : { from }), ...(who === undefined ? {} : { who }) } };
}

/** Who gives a command, for the audit. */
export function isWho(who: unknown): who is string | undefined {
  return who === undefined || (typeof who === 'string' && who.length <= longestText);
}

/** Which failed things, for `retryFailed` and `skipFailed`. `null` and an absent selection mean all. */
export function checkSelection(selection: unknown): Checked<FailedSelection> {
  const fields = selection ?? {};
  if (!isFields(fields)) return no('The selection has to be JSON as {"code":"RECORD_REFUSED"} or {"ids":["…"]}; left out for all.');
  const stranger = unknownName(fields, ['code', 'ids', 'who']);
  if (stranger !== undefined) return no(`There is no «${stranger.slice(0, 40)}»; allowed are code and ids.`);
  const { code, ids, who } = fields;
  if (code !== undefined && (typeof code !== 'string' || !/^[A-Z_]{1,60}$/.test(code))) return no('«code» has to be an error code, as RECORD_REFUSED.');
  if (ids !== undefined && !isTexts(ids)) return no(`«ids» has to be a list of at most ${mostIds} ids, as \`hub failed list\` shows them.`);
  if (!isWho(who)) return no('«who» has to be a short text.');
  return { ok: true, value: { ...(code === undefined ? {} : { code }), ...(ids === undefined ? {} : { ids }), ...(who === undefined ? {} : { who }) } };
}

/** What a source system says. Anything that looks like an address is refused: ids reach the history of workflows. */
export function checkSourceChanged(change: unknown): Checked<SourceChanged> {
  if (!isFields(change)) return no(`It has to be JSON as ${sourceChangedExample}.`);
  const stranger = unknownName(change, ['dataType', 'ids']);
  if (stranger !== undefined) return no(`There is no «${stranger.slice(0, 40)}»; allowed is ${sourceChangedExample}.`);
  const { dataType, ids } = change;
  if (typeof dataType !== 'string' || !isDataType(dataType)) return no(`«dataType» has to be one of ${dataTypes.join(', ')}.`);
  if (ids === undefined) return { ok: true, value: { dataType } };
  if (!isTexts(ids)) return no(`«ids» has to be a list of at most ${mostIds} ids, each a text of at most ${longestText} characters.`);
  if (ids.some((id) => personalForms.some((form) => form.test(id)))) return no('One of the ids looks like an e-mail address or phone number: send the source system\'s own ids.', 'IDS_LOOK_PERSONAL');
  return { ok: true, value: { dataType, ids } };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= mostIds && value.every((item) => typeof item === 'string' && item.length > 0 && item.length <= longestText);
}
