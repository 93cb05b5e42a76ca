import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { showAdminKey } from '../../src/app/admin-key.js';
import { type Config, readConfig, Secret } from '../../src/config.js';

const OWN = 'hg_demo_0123456789abcdefghij';
const generated = new Secret('hg_demo_generated');
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'heliograph-key-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const config = (env: Record<string, string> = {}): Config => readConfig({ DATA_DIR: dataDir, ...env });

describe('with the embedded database', () => {
  test('the generated key is shown, and kept where only its owner reads it', async () => {
    const kept = join(dataDir, 'api-key');
    expect(await showAdminKey(config(), generated)).toEqual({ key: 'hg_demo_generated', origin: `kept in ${kept}` });
    expect([await readFile(kept, 'utf8'), (await stat(kept)).mode & 0o777]).toEqual(['hg_demo_generated\n', 0o600]);
  });

  test('the kept key is shown again when none was generated', async () => {
    await showAdminKey(config(), generated);
    expect(await showAdminKey(config(), null)).toMatchObject({ key: 'hg_demo_generated' });
  });

  test('a key of one’s own is shown, and not kept', async () => {
    expect(await showAdminKey(config({ BOOTSTRAP_API_KEY: OWN }), new Secret(OWN))).toEqual({ key: OWN, origin: 'from BOOTSTRAP_API_KEY' });
    expect(await showAdminKey(config(), null)).toBeNull();
  });
});

describe('with a database of one’s own', () => {
  const DATABASE = { DATABASE_URL: 'postgres://db/heliograph', ENCRYPTION_KEY: 'a'.repeat(64) };

  test('the generated key is shown once, and kept nowhere', async () => {
    expect(await showAdminKey(config(DATABASE), generated)).toEqual({ key: 'hg_demo_generated', origin: 'shown this once: keep it' });
    expect(await showAdminKey(config(DATABASE), null)).toBeNull();
  });

  test('a key of one’s own is not shown', async () => {
    const shown = await showAdminKey(config({ ...DATABASE, BOOTSTRAP_API_KEY: OWN }), new Secret(OWN));
    expect(shown).toEqual({ key: '$BOOTSTRAP_API_KEY', origin: 'as you have set it' });
  });
});
