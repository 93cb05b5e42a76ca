import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { ENTITIES } from '../../../src/app/build-accounts.js';
import { Database } from '../../../src/platform/database/database.js';
import { createTestDatabase } from '../../support/test-database.js';

test('closing while a connection is being made ends', async () => {
  const database = await createTestDatabase();
  for (let round = 0; round < 5; round++) {
    const db = await Database.connect({ url: database.url, entities: ENTITIES, connections: 2, log: pino({ level: 'silent' }) });
    await db.ping();
    const late = Promise.allSettled([1, 2].map(() => sql`select 1`.execute(db.sql)));
    await db.close();
    expect((await late)[0]?.status).toBe('fulfilled');
  }
  await database.drop();
});
