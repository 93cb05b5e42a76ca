import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Client } from 'pg';
import twilio from 'twilio';
import type { RunningConfig } from '../../src/app/build-core.js';
import { readConfig } from '../../src/config.js';
import { Sealer } from '../../src/platform/encryption/sealer.js';
import { newIds } from '../../src/platform/ids.js';
import { TWILIO_TOKEN } from '../twilio-account.js';

/**
 * What no receiver of ours can leave out: the signature, the webhook sealed in the journal, the row with its indexes, and its event, for all
 * that came while the group before was stored. No framework, no rows read before they change, no statistics, and nobody who is told.
 */
const env = process.env as Record<string, string>;
const config = readConfig(env) as RunningConfig;
const client = new Client({ connectionString: env['DATABASE_URL'] });
await client.connect();
const sealer = new Sealer(config.ENCRYPTION_KEY);
const origin = `http://127.0.0.1:${env['PORT']}`;
const ANSWER = '<Response/>';
const HEAD = { 'content-type': 'text/xml', 'content-length': ANSWER.length };

interface Webhook {
  id: string;
  sid: string;
  status: string;
  sealed: string;
  response: ServerResponse;
}

let waiting: Webhook[] = [];
let running = false;

const list = (items: readonly string[]): string => `{${items.join(',')}}`;

const store = (group: readonly Webhook[]): Promise<unknown> =>
  client.query({
    name: 'store',
    text: `with given as materialized (
        select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::uuid[], $6::uuid[])
          as u (message_id, sid, reported, sealed, journal_id, event_id)),
      journal as (
        insert into webhook_journal (id, provider, kind, state, message_id, provider_message_id, dedupe_key, sealed, received_at)
        select journal_id, 'twilio', 'RECEIPT', 'APPLIED', message_id, sid, sid || ':' || reported || ':', sealed, now() from given),
      delivered as (
        update messages m set status = 'DELIVERED', delivered_at = now(), lease_until = null
        from given g where m.id = g.message_id and m.id = any($1::uuid[]) and m.status = 'SENT'
        returning m.id, m.tenant_id, g.event_id, g.reported)
      insert into message_events (id, message_id, tenant_id, status, previous_status, source, at, attempt, provider, detail)
      select event_id, id, tenant_id, 'DELIVERED', 'SENT', 'WEBHOOK', now(), 1, 'twilio', jsonb_build_object('reported', reported) from delivered`,
    values: [
      list(group.map(({ id }) => id)),
      list(group.map(({ sid }) => sid)),
      list(group.map(({ status }) => status)),
      list(group.map(({ sealed }) => sealed)),
      list(newIds(group.length)),
      list(newIds(group.length)),
    ],
  });

async function run(): Promise<void> {
  running = true;
  let stored: Webhook[] = [];
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    const committed = store(group);
    // PostgreSQL has the next group before those of this one are answered.
    answer(stored);
    await committed;
    stored = group;
  }
  running = false;
  answer(stored);
}

function answer(group: readonly Webhook[]): void {
  for (const { response } of group) response.writeHead(200, HEAD).end(ANSWER);
}

function take(request: IncomingMessage, rawBody: string, response: ServerResponse): void {
  const form = Object.fromEntries(new URLSearchParams(rawBody));
  const { url = '' } = request;
  if (!twilio.validateRequest(TWILIO_TOKEN, request.headers['x-twilio-signature'] as string, origin + url, form)) {
    response.writeHead(403).end();
    return;
  }
  const id = new URLSearchParams(url.slice(url.indexOf('?'))).get('m') ?? '';
  const sealed = `"\\\\x${sealer.seal({ rawBody }, 'twilio').toString('hex')}"`;
  waiting.push({ id, sid: form['MessageSid'] ?? '', status: form['MessageStatus'] ?? '', sealed, response });
  if (!running) void run();
}

createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => take(request, body, response));
}).listen(Number(env['PORT']), '127.0.0.1', () => process.send?.('ready'));
process.on('SIGTERM', () => process.exit(0));
