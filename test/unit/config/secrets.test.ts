import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createToken, hashToken } from '../../../config/access-token.ts';
import { loadSecretKeys } from '../../../config/secret-keys.ts';
import { createSecretBox } from '../../../config/secrets.ts';
import { secretKeys } from '../../../config/value-schemas.ts';

const oldKey = `old:${Buffer.alloc(32, 1).toString('base64')}`;
const newKey = `new:${Buffer.alloc(32, 2).toString('base64')}`;

describe('secrets at rest', () => {
  it('open to what was sealed, and each sealing looks different', () => {
    const box = createSecretBox(secretKeys.parse(oldKey));
    const [first, second] = [box.seal('s3cret', 'connector/a'), box.seal('s3cret', 'connector/a')];
    expect(first).not.toBe(second);
    expect(first).not.toContain('s3cret');
    expect(box.open(first, 'connector/a')).toBe('s3cret');
    expect(box.open(second, 'connector/a')).toBe('s3cret');
  });

  it('do not open in another context, nor after a change', () => {
    const box = createSecretBox(secretKeys.parse(oldKey));
    const sealed = box.seal('s3cret', 'connector/a');
    expect(() => box.open(sealed, 'connector/b')).toThrow(expect.objectContaining({ code: 'SECRET_UNREADABLE' }));
    const changed = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA');
    expect(() => box.open(changed, 'connector/a')).toThrow(expect.objectContaining({ code: 'SECRET_UNREADABLE' }));
    expect(() => box.open('nonsense', 'connector/a')).toThrow(expect.objectContaining({ code: 'SECRET_UNREADABLE' }));
  });

  it('rotate: the new key seals, the old one still opens, and a missing key is named', () => {
    const before = createSecretBox(secretKeys.parse(oldKey));
    const during = createSecretBox(secretKeys.parse(`${newKey},${oldKey}`));
    const after = createSecretBox(secretKeys.parse(newKey));
    const sealed = before.seal('s3cret', 'c');
    expect(during.open(sealed, 'c')).toBe('s3cret');
    expect(after.open(during.seal('s3cret', 'c'), 'c')).toBe('s3cret');
    expect(() => after.open(sealed, 'c')).toThrow(/«old»/);
    expect(during.fingerprint('x')).toBe(before.fingerprint('x'));
  });

  it('refuse a damaged key file without repeating it', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'hub-keys-'));
    try {
      await writeFile(path.join(directory, 'secret-keys'), 'k1:tellnobody');
      const refusal = loadSecretKeys(undefined, directory);
      await expect(refusal).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID', message: expect.not.stringContaining('tellnobody') });
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('get a key file with mode 600 on first use, and the same keys afterwards', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'hub-keys-'));
    try {
      const [first, second] = await Promise.all([loadSecretKeys(undefined, directory), loadSecretKeys(undefined, directory)]);
      const file = path.join(directory, 'secret-keys');
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(first).toEqual(second);
      expect(await readFile(file, 'utf8')).toContain('lookup:');
      expect(await loadSecretKeys(secretKeys.parse(oldKey), directory)).toEqual(secretKeys.parse(oldKey));
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('access tokens', () => {
  it('are long, never the same, and stored as a hash only', () => {
    const [first, second] = [createToken(), createToken()];
    expect(first.token).toMatch(/^hub_[A-Za-z0-9_-]{43}$/);
    expect(first.token).not.toBe(second.token);
    expect(hashToken(first.token).equals(first.hash)).toBe(true);
    expect(first.hash).toHaveLength(32);
  });
});
