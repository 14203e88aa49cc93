import { inflateRawSync } from 'node:zlib';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * The content of the one file in a ZIP archive whose path ends as asked. Layout: PKWARE APPNOTE 6.3.3, sections 4.3.7 (local
 * header), 4.3.12 (central directory) and 4.3.16 (end of it). Errors: Error when the archive has no such file or is no ZIP.
 */
export function fileInZip(archive: Buffer, pathEnd: string): Buffer {
  for (let entry = directoryStart(archive); archive.readUInt32LE(entry) === ENTRY_SIGNATURE; ) {
    const nameLength = archive.readUInt16LE(entry + 28);
    const name = archive.toString('utf8', entry + 46, entry + 46 + nameLength);
    if (name.endsWith(pathEnd)) return contentOf(archive, entry);
    entry += 46 + nameLength + archive.readUInt16LE(entry + 30) + archive.readUInt16LE(entry + 32);
  }
  throw new Error(`The archive holds no file ${pathEnd}.`);
}

function directoryStart(archive: Buffer): number {
  for (let end = archive.length - 22; end >= 0; end -= 1) {
    if (archive.readUInt32LE(end) === END_SIGNATURE) return archive.readUInt32LE(end + 16);
  }
  throw new Error('The archive is no ZIP file.');
}

function contentOf(archive: Buffer, entry: number): Buffer {
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + archive.readUInt32LE(entry + 20));
  const method = archive.readUInt16LE(entry + 10);
  if (method === STORED) return Buffer.from(packed);
  if (method === DEFLATED) return inflateRawSync(packed);
  throw new Error(`The archive packs a file by method ${method}, which is not supported.`);
}
