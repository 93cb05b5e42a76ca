import { Worker } from 'bullmq';
import { Pool } from 'pg';
import twilio from 'twilio';

/** What is written in an afternoon: one job per message, the SDK as it comes, and a statement at each step. */
const { DATABASE, REDIS, PROVIDER } = process.env as Record<string, string>;
const pool = new Pool({ connectionString: DATABASE, max: 16 });
const client = twilio('AC00000000000000000000000000000001', 'token');
client.api.baseUrl = PROVIDER ?? '';

const worker = new Worker<{ id: string }>(
  'baseline',
  async ({ data: { id } }) => {
    const { rows } = await pool.query<{ to_number: string; body: string }>('select to_number, body from plain_messages where id = $1', [
      id,
    ]);
    const message = rows[0];
    if (!message) return;
    await pool.query(`update plain_messages set status = 'SENDING', updated_at = now() where id = $1`, [id]);
    const { sid } = await client.messages.create({ to: message.to_number, from: '+15005550006', body: message.body });
    await pool.query(`update plain_messages set status = 'SENT', provider_id = $2, updated_at = now() where id = $1`, [id, sid]);
  },
  { connection: { url: REDIS ?? '', maxRetriesPerRequest: null }, concurrency: 64 },
);
await worker.waitUntilReady();
process.send?.('ready');
process.on('SIGTERM', () => void worker.close().then(() => process.exit(0)));
