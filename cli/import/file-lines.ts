import { createReadStream } from 'node:fs';
import { HubError } from '../../domain/errors.ts';

/** One line of a file, without its end. */
export interface FileLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** Encodings that can be read, as the web names them. */
export const encodings = ['utf-8', 'utf-16le', 'windows-1252'] as const;

/** One of `encodings`. */
export type Encoding = (typeof encodings)[number];

/** Longer lines are no table: a file without line ends would otherwise be read whole. */
const longestLine = 1_000_000;

/**
 * The lines of a text file, one after the other, with bounded memory. `onBytes` hears how far the file was read. Lines end with LF or CRLF; a byte order
 * mark is left out. Throws HubError FILE_INVALID with the line for bytes that are no text of the encoding, and the system's error for a file that cannot be read.
 */
export async function* fileLines(path: string, encoding: Encoding, onBytes: (count: number) => void): AsyncGenerator<FileLine> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let rest = '';
  let number = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    onBytes(chunk.length);
    const parts = (rest + decode(decoder, chunk, encoding, number)).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > longestLine) throw tooLong(number + parts.length + 1);
    for (const part of parts) yield line(number += 1, part);
  }
  rest += decode(decoder, undefined, encoding, number);
  if (rest !== '') yield line(number + 1, rest);
}

const line = (number: number, text: string): FileLine => ({ number, text: text.endsWith('\r') ? text.slice(0, -1) : text });

function decode(decoder: InstanceType<typeof TextDecoder>, chunk: Buffer | undefined, encoding: Encoding, line: number): string {
  try {
    const text = decoder.decode(chunk, { stream: chunk !== undefined });
    if (text.includes('\0')) throw notText(encoding, line);
    return text;
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw notText(encoding, line);
  }
}

function notText(encoding: Encoding, after: number): HubError {
  const others = encodings.filter((one) => one !== encoding).map((one) => `--encoding ${one}`).join(' or ');
  const where = after === 0 ? 'The file' : `Behind line ${after} the file`;
  return new HubError('FILE_INVALID', `${where} has bytes that are no ${encoding} text.`, { field: 'encoding', fix: `Save the file as UTF-8, or say how it is written: ${others}.` });
}

const tooLong = (number: number): HubError =>
  new HubError('FILE_INVALID', `Line ${number} is longer than ${longestLine} characters.`, { field: `line ${number}`, fix: 'Check that the file is a table with one row a line, and that its lines end with LF or CRLF.' });
