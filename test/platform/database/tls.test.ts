import { createServer, type AddressInfo, type Server } from 'node:net';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Tenant } from '../../../src/accounts/tenant.entity.js';
import { ENTITIES } from '../../../src/app/build-accounts.js';
import { Database } from '../../../src/platform/database/database.js';

/** Codes in the first packet of a connection: "let us speak TLS", and "here is my name", in the clear. */
const TLS = 80_877_103;

let server: Server;
let url: string;
let asked: number[];
beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (packet) => {
      asked.push(packet.readInt32BE(4));
      // It speaks no TLS.
      socket.end('N');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `postgres://somebody:secret@127.0.0.1:${(server.address() as AddressInfo).port}/heliograph?sslmode=require`;
});
afterAll(() => void server.close());
beforeEach(() => void (asked = []));

test('with sslmode in DATABASE_URL, no connection to the database goes out in the clear', async () => {
  const db = await Database.connect({ url, entities: ENTITIES, connections: 4, log: pino({ level: 'silent' }) });
  await expect(sql`select 1`.execute(db.sql)).rejects.toThrow(/SSL/);
  await expect(db.emOfAllTenants().findOne(Tenant, { slug: 'demo' })).rejects.toThrow(/SSL/);
  await db.close();
  expect(new Set(asked)).toEqual(new Set([TLS]));
  expect(asked.length).toBeGreaterThan(1);
});
