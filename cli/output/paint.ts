import { stripVTControlCharacters } from 'node:util';

/** How many characters of a text are seen: colours take no room. */
export function shownLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Colours text for a terminal; leaves it as it is anywhere else. */
export interface Paint {
  bad(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  faint(text: string): string;
  strong(text: string): string;
}

const reset = '\u001B[0m';

/** `colour` is false when the output is no terminal, or NO_COLOR is set. */
export function paintFor(colour: boolean): Paint {
  const code = (number: number) => (text: string) => (colour ? `\u001B[${number}m${text}${reset}` : text);
  return { bad: code(31), good: code(32), warn: code(33), faint: code(2), strong: code(1) };
}
