import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Kysely, PostgresDialect } from 'kysely';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { Pool, type PoolClient } from 'pg';
import type { RunningConfig } from '../../src/app/build-core.js';
import { readConfig } from '../../src/config.js';
import { sealContent } from '../../src/messages/message-content.js';
import { BlindIndex } from '../../src/platform/encryption/blind-index.js';
import { openIndexKey } from '../../src/platform/encryption/index-key.js';
import { Sealer } from '../../src/platform/encryption/sealer.js';
import { newId, newIds } from '../../src/platform/ids.js';

/**
 * What no acceptor of ours can leave out: each number is read and hashed, those who want nothing are asked for, and for the others the
 * content is sealed and the row stored with its indexes and first event, a call's all at once. No GraphQL but its JSON, no policy beyond
 * that question, no segments, no statistics, no counts, no jobs.
 */
const GROUP = 1_000;
const env = process.env as Record<string, string>;
const config = readConfig(env) as RunningConfig;
const pool = new Pool({ connectionString: env['DATABASE_URL'], max: 4 });
const sealer = new Sealer(config.ENCRYPTION_KEY);
const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
const index = new BlindIndex(await openIndexKey(db, sealer, config.ENCRYPTION_KEY));
const tenantId = (await pool.query<{ id: string }>('select id from tenants')).rows[0]?.id ?? '';
const ACTOR = JSON.stringify({ name: 'bench' });
const DETAIL = JSON.stringify({ checks: [] });

interface Input {
  name: string;
  body: string;
  recipients: { to: string }[];
}

interface Reached {
  to: string;
  country: string | null;
  hash: Buffer;
}

const list = (items: readonly (string | null)[]): string => `{${items.join(',')}}`;
const bytes = (items: readonly Buffer[]): string => list(items.map((item) => `"\\\\x${item.toString('hex')}"`));

function reached({ to }: { to: string }): Reached[] {
  const number = parsePhoneNumberFromString(to, { extract: false });
  const type = number?.getType();
  if (!number || !type || type === 'FIXED_LINE') return [];
  return [{ to: number.number, country: number.country ?? null, hash: index.hash(tenantId, number.number) }];
}

/** Those of some recipients who can be reached and have not objected. */
async function willing(some: readonly { to: string }[]): Promise<Reached[]> {
  const all = some.flatMap(reached);
  if (all.length === 0) return [];
  const { rows } = await pool.query<{ hash: string }>({
    name: 'unwilling',
    text: `select encode(address_hash, 'hex') as hash from suppressions
      where tenant_id = $1 and channel = 'SMS' and category in ('*', 'UTILITY') and address_hash = any($2::bytea[])
      union all
      select encode(i.address_hash, 'hex') from contact_identities i
        join consents k on k.contact_id = i.contact_id and k.channel = 'SMS' and k.category = 'UTILITY' and k.state <> 'GRANTED'
      where i.tenant_id = $1 and i.address_hash = any($2::bytea[])`,
    values: [tenantId, bytes(all.map(({ hash }) => hash))],
  });
  const not = new Set(rows.map(({ hash }) => hash));
  return not.size === 0 ? all : all.filter(({ hash }) => !not.has(hash.toString('hex')));
}

const store = (client: PoolClient, batchId: string, now: string, some: readonly Reached[], sealed: readonly Buffer[]): Promise<unknown> =>
  client.query({
    name: 'store',
    text: `with given as materialized (
        select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[], $5::text[]) as u (id, event_id, sealed, to_hash, country)),
      stored as (
        insert into messages (id, tenant_id, channel, category, lane, status, sealed, to_hash, country, max_attempts, due_at, hint_at, batch_id,
          created_at, queued_at)
        select id, $6, 'SMS', 'UTILITY', 'bulk', 'QUEUED', sealed, to_hash, country, 3, $8::timestamptz, $8::timestamptz + interval '5 seconds', $7,
          $8::timestamptz, $8::timestamptz
        from given)
      insert into message_events (id, message_id, tenant_id, status, source, at, actor, detail)
      select event_id, id, $6, 'QUEUED', 'API', $8::timestamptz, $9::jsonb, $10::jsonb from given`,
    values: [
      list(newIds(some.length)),
      list(newIds(some.length)),
      bytes(sealed),
      bytes(some.map(({ hash }) => hash)),
      list(some.map(({ country }) => country ?? 'NULL')),
      tenantId,
      batchId,
      now,
      ACTOR,
      DETAIL,
    ],
  });

/** How many were accepted. A group is read, asked for and sealed while the one before is stored. */
async function acceptAll(client: PoolClient, batchId: string, { name, body, recipients }: Input): Promise<number> {
  const now = new Date().toISOString();
  const groups = Array.from({ length: Math.ceil(recipients.length / GROUP) }, (_, n) => recipients.slice(n * GROUP, (n + 1) * GROUP));
  let accepted = 0;
  let stored: Promise<unknown> = client.query('begin');
  let next = willing(groups[0] ?? []);
  for (const n of groups.keys()) {
    const some = await next;
    const sealed = some.map(({ to }) => sealContent(sealer, tenantId, { to, from: null, body, mediaUrls: [] }));
    await stored;
    stored = store(client, batchId, now, some, sealed);
    accepted += some.length;
    next = willing(groups[n + 1] ?? []);
  }
  await stored;
  await client.query(
    `insert into batches (id, tenant_id, name, status, channels, category, total, rejected, created_at)
     values ($1, $2, $3, 'RUNNING', '{SMS}', 'UTILITY', $4, $5, $6)`,
    [batchId, tenantId, name, recipients.length, recipients.length - accepted, now],
  );
  await client.query('commit');
  return accepted;
}

async function answer(request: IncomingMessage): Promise<string> {
  const { variables } = JSON.parse((await buffer(request)).toString()) as { variables: { input: Input } };
  const batchId = newId();
  const client = await pool.connect();
  try {
    const accepted = await acceptAll(client, batchId, variables.input);
    const rejected = Array.from({ length: variables.input.recipients.length - accepted });
    return JSON.stringify({ data: { sendBulk: { batch: { id: batchId }, rejected, userErrors: [] } } });
  } finally {
    client.release();
  }
}

createServer((request, response) => {
  void answer(request).then((body) => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
}).listen(Number(env['PORT']), '127.0.0.1', () => process.send?.('ready'));
process.on('SIGTERM', () => process.exit(0));
