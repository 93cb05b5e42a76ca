import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { inDatabase, TEMPLATE_DATABASE } from './template-database.js';

export interface TestDatabase {
  url: string;
  /** Cuts whatever is still connected. */
  drop(): Promise<void>;
}

/** An empty database with the schema of today, for one test file or one test. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await onServer(`create database ${name} template ${TEMPLATE_DATABASE}`);
  return {
    url: inDatabase(name, inject('databaseUrl')),
    drop: () => onServer(`drop database if exists ${name} with (force)`),
  };
}

/** The Redis of the run, with a prefix for the keys and channels of one program under test. */
export function testRedis(): { url: string; prefix: string } {
  return { url: inject('redisUrl'), prefix: `t-${randomUUID()}` };
}

async function onServer(statement: string): Promise<void> {
  const client = new Client({ connectionString: inject('databaseUrl') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
