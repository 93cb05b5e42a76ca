import { Pool } from 'pg';
import { pino } from 'pino';
import { readConfig, type TwilioConfig } from '../../src/config.js';
import { outbound } from '../../src/delivery/dispatch.js';
import { TwilioProvider } from '../../src/delivery/providers/twilio/twilio.provider.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { Sealer } from '../../src/platform/encryption/sealer.js';
import { newIds } from '../../src/platform/ids.js';
import type { RunningConfig } from '../../src/app/build-core.js';

/**
 * What no worker of ours can leave out: the row with its indexes is claimed, then SENT, each with its event, and in between
 * opened and sent by the adapter. No queue, no policy, no statistics, no metrics, and nobody else to share the work with.
 */
const GROUP = 250;
const LOOPS = 3;
const env = process.env as Record<string, string>;
const config = readConfig(env) as RunningConfig;
const pool = new Pool({ connectionString: env['DATABASE_URL'], max: 2 * LOOPS });
const provider = new TwilioProvider({
  config: config.twilio as TwilioConfig,
  publicUrl: () => 'http://127.0.0.1:9',
  timeoutMs: 10_000,
  connections: config.PROVIDER_CONNECTIONS,
  log: pino({ level: 'warn' }),
});
const sealer = new Sealer(config.ENCRYPTION_KEY);
const { signal } = new AbortController();
const DETAIL = JSON.stringify({
  routing: [{ provider: 'twilio', channel: 'SMS', chosen: true, reason: 'first healthy provider of the channel' }],
});

const ids = (await pool.query<{ id: string }>('select id from messages order by id')).rows.map(({ id }) => id);

async function send(group: readonly string[]): Promise<void> {
  const { rows } = await pool.query<MessageRow>({
    name: 'claim',
    text: `with claimed as (
        update messages m set status = 'SENDING', provider = 'twilio', attempts = attempts + 1, claims = claims + 1, asked_at = now(),
          first_asked_at = now(), lease_until = now() + interval '1 minute', hint_at = null
        where m.id = any($1::uuid[]) and m.status = 'QUEUED'
        returning id, tenant_id as "tenantId", sealed, channel, category, expires_at as "expiresAt", claims, trace),
      told as (
        insert into message_events (id, message_id, tenant_id, status, previous_status, source, at, attempt, provider, detail)
        select e.id, c.id, c."tenantId", 'SENDING', 'QUEUED', 'WORKER', now(), 1, 'twilio', $3::jsonb
        from claimed c join unnest($1::uuid[], $2::uuid[]) as e (message_id, id) on e.message_id = c.id)
      select * from claimed`,
    values: [group, newIds(group.length), DETAIL],
  });
  const accepted = await Promise.all(rows.map((row) => provider.send(outbound(row, sealer), signal)));
  await pool.query({
    name: 'outcome',
    text: `with sent as (
        update messages m set status = 'SENT', provider_message_id = a.sid, provider_ms = 1, segments = 1, sent_at = now(),
          lease_until = now() + interval '5 minutes'
        from unnest($1::uuid[], $2::text[]) as a (id, sid) where m.id = a.id and m.id = any($1::uuid[]) and m.status = 'SENDING'
        returning m.id, m.tenant_id)
      insert into message_events (id, message_id, tenant_id, status, previous_status, source, at, attempt, provider)
      select e.id, s.id, s.tenant_id, 'SENT', 'SENDING', 'WORKER', now(), 1, 'twilio'
      from sent s join unnest($1::uuid[], $3::uuid[]) as e (message_id, id) on e.message_id = s.id`,
    values: [rows.map(({ id }) => id), accepted.map(({ providerMessageId }) => providerMessageId), newIds(rows.length)],
  });
}

async function run(): Promise<void> {
  while (ids.length > 0) await send(ids.splice(0, GROUP));
}
process.on('SIGTERM', () => process.exit(0));
await Promise.all(Array.from({ length: LOOPS }, run));
