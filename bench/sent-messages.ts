import type { Pool } from 'pg';
import type { Core } from '../src/app/build-core.js';
import { sealContent } from '../src/messages/message-content.js';
import { newId } from '../src/platform/ids.js';
import { numberOf } from './stage.js';

export interface SentMessage {
  id: string;
  sid: string;
  to: string;
}

/** As many messages of one batch as are wanted, which the provider has taken and has not reported on. */
export async function sentMessages(pool: Pool, { sealer }: Core, tenantId: string, count: number): Promise<SentMessage[]> {
  const batchId = newId();
  const messages = Array.from({ length: count }, (_, index) => ({
    id: newId(),
    sid: `SM${index.toString(16).padStart(32, '0')}`,
    to: numberOf(index),
  }));
  await pool.query(
    `insert into batches (id, tenant_id, name, status, channels, category, total) values ($1, $2, 'bench', 'RUNNING', '{SMS}', 'UTILITY', $3)`,
    [batchId, tenantId, count],
  );
  const sealed = messages.map(({ to }) =>
    sealContent(sealer, tenantId, { to, from: null, body: 'Your appointment is tomorrow at 09:30.', mediaUrls: [] }),
  );
  await pool.query(
    `insert into messages (id, tenant_id, channel, category, lane, status, sealed, to_hash, country, encoding, segments, provider,
       provider_message_id, attempts, max_attempts, claims, due_at, lease_until, asked_at, first_asked_at, provider_ms, batch_id,
       created_at, queued_at, sent_at)
     select id, $1, 'SMS', 'UTILITY', 'bulk', 'SENT', sealed, decode(md5(id::text), 'hex'), 'US', 'GSM7', 1, 'twilio', sid, 1, 3, 1, now(),
       now() + interval '1 hour', now(), now(), 20, $2, now(), now(), now()
     from unnest($3::uuid[], $4::text[], $5::bytea[]) as u(id, sid, sealed)`,
    [tenantId, batchId, messages.map(({ id }) => id), messages.map(({ sid }) => sid), sealed],
  );
  await pool.query('vacuum analyze messages');
  return messages;
}
