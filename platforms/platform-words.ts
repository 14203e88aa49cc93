import type { Scalar } from '../domain/model/fields.ts';

const longest = 200;
const shortestValue = 3;

/**
 * What a platform says about a record, for a person to read and for the hub to keep: without what could be an e-mail address or a phone
 * number, without the values that were `sent` (a platform can hardly name anything else of the person), and at most 200 characters.
 */
export function cleanWords(message: string, sent: readonly (Scalar | undefined)[] = []): string {
  const values = sent.filter((value) => typeof value === 'string').map((value) => value.trim()).filter((value) => value.length >= shortestValue);
  const withoutKinds = message.replace(/\S+@\S+/g, '<e-mail>').replace(/\+?\d[\d ()-]{6,}\d/g, '<number>');
  const withoutValues = values.toSorted((left, right) => right.length - left.length).reduce(withoutValue, withoutKinds);
  return withoutValues.replace(/\s+/g, ' ').trim().slice(0, longest);
}

function withoutValue(message: string, value: string): string {
  return message.replace(new RegExp(value.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`), 'gi'), '<value>');
}
