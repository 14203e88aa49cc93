import { describe, expect, it } from '@jest/globals';
import { fileInZip } from '../../../embedded/zip.ts';

/** Made by Python's zipfile: one file stored, one deflated, one by bzip2, and a comment. */
const archive = Buffer.from(
  [
    'UEsDBBQAAAAAAAAAIVAPNqImDQAAAA0AAAAXAAAAYS0xLmRhdGEvc2NyaXB0cy9zdG9yZWRrZXB0IGFzIGl0IGlzUEsDBBQAAAAIAAAAIVD6uA0EDgAAAFgC',
    'AAAXAAAAYS0xLmRhdGEvc2NyaXB0cy9wYWNrZWRLTE/MzFNIHCVHSaqSAFBLAwQuAAAADAAAACFQgxbcjCUAAAABAAAAFgAAAGEtMS5kYXRhL3NjcmlwdHMv',
    'b3RoZXJCWmg5MUFZJlNZd0uwFAAAAACAAEAgACEYRoLuSKcKEg7pdgKAUEsBAhQDFAAAAAAAAAAhUA82oiYNAAAADQAAABcAAAAAAAAAAAAAAIABAAAAAGEt',
    'MS5kYXRhL3NjcmlwdHMvc3RvcmVkUEsBAhQDFAAAAAgAAAAhUPq4DQQOAAAAWAIAABcAAAAAAAAAAAAAAIABQgAAAGEtMS5kYXRhL3NjcmlwdHMvcGFja2Vk',
    'UEsBAi4DLgAAAAwAAAAhUIMW3IwlAAAAAQAAABYAAAAAAAAAAAAAAIABhQAAAGEtMS5kYXRhL3NjcmlwdHMvb3RoZXJQSwUGAAAAAAMAAwDOAAAA3gAAABQA',
    'YSBjb21tZW50IGF0IHRoZSBlbmQ=',
  ].join(''),
  'base64',
);

describe('a file in a ZIP archive', () => {
  it('is read whether it is stored or deflated', () => {
    expect(String(fileInZip(archive, '/scripts/stored'))).toBe('kept as it is');
    expect(String(fileInZip(archive, '/scripts/packed'))).toBe('again '.repeat(100));
  });

  it('that is not there, or packed in another way, is an error', () => {
    expect(() => fileInZip(archive, '/scripts/absent')).toThrow('holds no file /scripts/absent');
    expect(() => fileInZip(archive, '/scripts/other')).toThrow('method 12');
  });

  it('cannot be read from what is no archive', () => {
    expect(() => fileInZip(Buffer.from('<html>not found</html>'), 'temporal')).toThrow('no ZIP file');
  });
});
