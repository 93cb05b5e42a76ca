import { glob, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { AdvisoryLock, LockSeed } from '../../src/platform/database/advisory-locks.js';

const TAKEN = /pg_(?:try_)?advisory_(?:xact_)?(?:un)?lock(?:_shared)?\(\s*(\S)/g;
const HASHED = /hashtextextended\([^;]*?,\s*(\$\{LockSeed\.\w+\}|\d+)\)/g;

/** Each file with what it matches. */
async function matches(pattern: RegExp): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const file of glob('src/**/*.ts'))
    for (const match of (await readFile(file, 'utf8')).matchAll(pattern)) found.push([file, match[1] ?? '']);
  return found;
}

/** Names of `AdvisoryLock` and `LockSeed` by the files that use them. */
async function usersOf(name: 'AdvisoryLock' | 'LockSeed'): Promise<Map<string, Set<string>>> {
  const users = new Map<string, Set<string>>();
  for (const [file, member] of await matches(new RegExp(`${name}\\.(\\w+)`, 'g')))
    users.set(member, (users.get(member) ?? new Set()).add(file));
  return users;
}

describe('advisory locks', () => {
  test.each([AdvisoryLock, LockSeed])('have numbers that are used once: %o', (numbers) => {
    expect(new Set(Object.values(numbers)).size).toBe(Object.keys(numbers).length);
  });

  test('are taken by no number that is written where it is used', async () => {
    const taken = await matches(TAKEN);
    expect(taken.length).toBeGreaterThan(8);
    expect(taken.filter(([, key]) => /\d/.test(key))).toEqual([]);
    expect((await matches(/_LOCK\b\s*=\s*(\d[\d_]*)/g)).map(([file]) => file)).toEqual([]);
  });

  test('of one kind belong to one file each', async () => {
    for (const users of [await usersOf('AdvisoryLock'), await usersOf('LockSeed')])
      for (const [name, files] of users) expect([name, files.size]).toEqual([name, 1]);
    expect((await usersOf('AdvisoryLock')).size).toBe(Object.keys(AdvisoryLock).length);
  });

  test('of a hash have a seed that is declared', async () => {
    const seeds = await matches(HASHED);
    const declared = [...Object.keys(LockSeed).map((name) => `\${LockSeed.${name}}`), String(LockSeed.BATCH), String(LockSeed.ADDRESS)];
    expect(seeds.length).toBeGreaterThanOrEqual(Object.keys(LockSeed).length);
    expect(seeds.filter(([, seed]) => !declared.includes(seed))).toEqual([]);
  });
});
