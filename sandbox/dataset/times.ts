import type { Prng } from './prng.ts';

/** A span of time in seconds since 1970, both ends included. */
type Span = { from: number; to: number };

const seconds = (iso: string): number => Date.parse(iso) / 1000;

/** When people gave, refused or withdrew consent. It lies in the past for good, so no receiver has a reason to clamp it. */
export const CONSENT_SPAN: Span = { from: seconds('2019-01-01T00:00:00Z'), to: seconds('2024-06-30T23:59:59Z') };

/** When Coins last saved the cards: after every consent. */
export const MODIFIED_SPAN: Span = { from: seconds('2024-07-01T00:00:00Z'), to: seconds('2025-06-30T23:59:59Z') };

/** When the contacts that Mail+ already has were made. */
export const CREATED_SPAN: Span = { from: seconds('2018-01-01T00:00:00Z'), to: seconds('2022-12-31T23:59:59Z') };

/** A whole second within the span. */
export function secondWithin(prng: Prng, span: Span): number {
  return span.from + prng.below(span.to - span.from + 1);
}

/** ISO 8601 in UTC without a fraction, `2024-07-01T00:00:00Z`. */
export function utcText(second: number): string {
  return `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
}

/** The same instant as systems write it: mostly UTC, at times with milliseconds or with an offset of one or two hours. */
export function instantText(prng: Prng, second: number): string {
  const style = prng.next();
  if (style < 0.86) return utcText(second);
  if (style < 0.92) return new Date(second * 1000).toISOString();
  const hours = style < 0.97 ? 1 : 2;
  return `${utcText(second + hours * 3600).slice(0, 19)}+0${hours}:00`;
}
