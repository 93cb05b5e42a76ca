import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { migrate } from '../../../src/platform/database/migrate.js';
import { MIGRATIONS } from '../../../src/platform/database/migrations/migrations.js';
import { createTestDatabase } from '../../support/test-database.js';

/** The level that the statements were written down at. Those of later levels, which are prepared and not run: expand-only.test.ts. */
const PREVIOUS = '0003-scheduler';

const STATEMENTS = readFileSync(new URL('./previous-statements.sql', import.meta.url), 'utf8')
  .split(/;\n/)
  .flatMap((part) => {
    const [, name, statement] = /-- ([^\n]+)\n([^-][\s\S]*)$/.exec(part.trim()) ?? [];
    return name && statement ? [{ name, statement }] : [];
  });

/** What each statement says of a schema of that level, one after the other: how many rows, and their columns. */
async function answers(list: typeof MIGRATIONS): Promise<unknown[]> {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('drop schema public cascade; drop schema agenda cascade; create schema public');
    await migrate(database.url, { list });
    const told: unknown[] = [];
    for (const { name, statement } of STATEMENTS) {
      const { rowCount, fields } = await client.query(statement);
      const all = / \w0\.\* /.test(statement);
      told.push({ name, rowCount, columns: all ? 'all' : fields.map((field) => field.name) });
    }
    return told;
  } finally {
    await client.end();
    await database.drop();
  }
}

test('what the release before sends to the database works on the schema of today, so that both run during an upgrade', async () => {
  const level = MIGRATIONS.findIndex(({ name }) => name === PREVIOUS);
  const before = await answers(MIGRATIONS.slice(0, level + 1));
  expect(before).toHaveLength(33);
  expect(await answers(MIGRATIONS)).toEqual(before);
});
