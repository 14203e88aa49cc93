import { booleanIn, fieldsOf, instantIn, optionalDate, optionalText, requiredText, textIn } from './checks.ts';
import type { Fields, TextRule } from './checks.ts';
import { wrongValue } from './refusal.ts';
import { ACTIVITY_TYPES, ADDRESS_PARTS, EDITABLE_TEXTS } from './wire.ts';
import type { Activity, Address, ConsentChange, ProspectEdit, Task } from './wire.ts';

const EMAIL: TextRule = { max: 254, pattern: /^(?:[^\s@]+@[^\s@]+\.[^\s@.]+)?$/u, says: 'is not an e-mail address' };
const PHONE: TextRule = { max: 30, pattern: /^(?:\+?[\d\s().-]{5,})?$/u, says: 'is not a phone number' };
const EDIT_RULES: Record<(typeof EDITABLE_TEXTS)[number], TextRule> = {
  title: { max: 20 }, forename: { max: 60 }, surname: { max: 60 }, email: EMAIL, mobile: PHONE, telephone: PHONE,
};
const ADDRESS_RULES: Record<(typeof ADDRESS_PARTS)[number], TextRule> = {
  line1: { max: 100 }, line2: { max: 100 }, town: { max: 60 }, county: { max: 60 }, postcode: { max: 12 },
  country: { pattern: /^(?:[A-Z]{2})?$/, says: 'is not a country code of two capitals' },
};

function originIn(fields: Fields): string {
  const origin = requiredText(fields, 'origin');
  if (origin !== 'spotler') throw wrongValue('origin', 'origin must be spotler');
  return origin;
}

/** Reads an activity. Strict: unknown fields and types are refused. */
export function readActivity(body: unknown): Activity {
  const fields = fieldsOf(body, 'activity', ['externalId', 'type', 'at', 'campaignId', 'listId', 'description', 'url']);
  const type = requiredText(fields, 'type');
  if (!(ACTIVITY_TYPES as readonly string[]).includes(type)) throw wrongValue('type', `${type} is not an activity of a prospect card`);
  const url = optionalText(fields, 'url', { min: 1, max: 2000 });
  if (url !== undefined && !/^https?:\/\//.test(url)) throw wrongValue('url', 'url must be a web address');
  const campaignId = optionalText(fields, 'campaignId', { min: 1 });
  const listId = optionalText(fields, 'listId', { min: 1 });
  return {
    externalId: requiredText(fields, 'externalId'),
    type,
    at: instantIn(fields, 'at'),
    description: textIn(fields, 'description', { max: 2000 }),
    ...(campaignId !== undefined && { campaignId }),
    ...(listId !== undefined && { listId }),
    ...(url !== undefined && { url }),
  };
}

/** Reads a task. Strict: unknown fields are refused. */
export function readTask(body: unknown): Task {
  const fields = fieldsOf(body, 'task', ['externalId', 'assignee', 'subject', 'description', 'dueDate']);
  const description = optionalText(fields, 'description', { max: 2000 });
  const dueDate = optionalDate(fields, 'dueDate');
  return {
    externalId: requiredText(fields, 'externalId'),
    assignee: requiredText(fields, 'assignee', 60),
    subject: requiredText(fields, 'subject'),
    ...(description !== undefined && { description }),
    ...(dueDate !== undefined && { dueDate }),
  };
}

/** Reads a change of consent; it must be dated and come from `spotler`. */
export function readConsentChange(body: unknown): ConsentChange {
  const fields = fieldsOf(body, 'consent', ['code', 'value', 'date', 'origin']);
  return { code: requiredText(fields, 'code'), value: booleanIn(fields, 'value'), date: instantIn(fields, 'date'), origin: originIn(fields) };
}

function readAddress(value: unknown): Partial<Address> {
  const fields = fieldsOf(value, 'address', ADDRESS_PARTS);
  const address: Partial<Address> = {};
  for (const part of ADDRESS_PARTS) {
    const text = optionalText(fields, part, ADDRESS_RULES[part]);
    if (text !== undefined) address[part] = text;
  }
  return address;
}

/** Reads an edit of a card: at least one of the editable fields, any parts of the address. */
export function readProspectEdit(body: unknown): ProspectEdit {
  const fields = fieldsOf(body, 'prospect', [...EDITABLE_TEXTS, 'address', 'origin']);
  originIn(fields);
  const edit: ProspectEdit = {};
  for (const name of EDITABLE_TEXTS) {
    const text = optionalText(fields, name, EDIT_RULES[name]);
    if (text !== undefined) edit[name] = text;
  }
  if (fields['address'] !== undefined) {
    edit.address = readAddress(fields['address']);
  }
  if (Object.keys({ ...edit, ...edit.address }).filter((name) => name !== 'address').length === 0) throw wrongValue('prospect', 'there is nothing to change');
  return edit;
}
