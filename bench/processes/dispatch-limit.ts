import { Pool as Connections } from 'undici';
import { Pool } from 'pg';

/** The limit: nothing but posts and set-based statements. No queue, no SDK, no events, no encryption, no claim that another process could respect. */
const { DATABASE, PROVIDER } = process.env as Record<string, string>;
const pool = new Pool({ connectionString: DATABASE, max: 4 });
const provider = new Connections(PROVIDER ?? '', { connections: 64 });
const headers = { authorization: 'Basic eA==', 'content-type': 'application/x-www-form-urlencoded' };

async function post(to: string, body: string): Promise<string> {
  const form = new URLSearchParams({ To: to, From: '+15005550006', Body: body });
  const answer = await provider.request({ method: 'POST', path: '/2010-04-01/Accounts/AC1/Messages.json', headers, body: form.toString() });
  return ((await answer.body.json()) as { sid: string }).sid;
}

async function run(): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ id: string; to_number: string; body: string }>(
      `update plain_messages set status = 'SENDING' where id = any(array(select id from plain_messages where status = 'QUEUED' limit 500 for update skip locked))
       returning id, to_number, body`,
    );
    if (rows.length === 0) return;
    const sids = await Promise.all(rows.map(({ to_number: to, body }) => post(to, body)));
    await pool.query(
      `update plain_messages m set status = 'SENT', provider_id = u.sid, updated_at = now() from unnest($1::uuid[], $2::text[]) as u(id, sid) where m.id = u.id`,
      [rows.map(({ id }) => id), sids],
    );
  }
}
process.send?.('ready');
await Promise.all([run(), run()]);
process.send?.('done');
process.on('SIGTERM', () => process.exit(0));
