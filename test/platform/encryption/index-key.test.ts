import { sql } from 'kysely';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { BlindIndex } from '../../../src/platform/encryption/blind-index.js';
import { deriveKey } from '../../../src/platform/encryption/derived-key.js';
import { openIndexKey } from '../../../src/platform/encryption/index-key.js';
import { Sealer } from '../../../src/platform/encryption/sealer.js';
import { Secret } from '../../../src/secret.js';
import { openTestStore } from '../../support/test-store.js';

const [OLD, NEW] = [new Secret('0a'.repeat(32)), new Secret('0b'.repeat(32))];

describe('The key of the blind index', async () => {
  const store = await openTestStore();
  const open = async (...keys: Secret[]) => new BlindIndex(await openIndexKey(store.db.sql, new Sealer(keys), keys)).hash('t', 'value');
  beforeEach(() => sql`truncate keyring`.execute(store.db.sql));
  afterAll(() => store.close());

  test('stays the same when the keys of the settings change', async () => {
    const first = await open(OLD);
    expect(await open(NEW, OLD)).toEqual(first);
  });

  test('is one, however many processes start at once', async () => {
    const hashes = await Promise.all(Array.from({ length: 8 }, () => open(OLD)));
    expect(new Set(hashes.map(String)).size).toBe(1);
  });

  test('is made by chance for a new database', async () => {
    const first = await open(OLD);
    await sql`truncate keyring`.execute(store.db.sql);
    expect(await open(OLD)).not.toEqual(first);
  });

  test('finds what an earlier version has stored, by the oldest of the keys', async () => {
    await store.accept();
    expect(await open(NEW, OLD)).toEqual(new BlindIndex(deriveKey(OLD, 'blind index').key).hash('t', 'value'));
  });

  test('is not made anew where it cannot be opened', async () => {
    await open(OLD);
    await expect(open(NEW)).rejects.toThrow(/^No key [0-9a-f]{8}/);
  });
});
