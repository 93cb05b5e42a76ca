import type { ChildProcess } from 'node:child_process';
import type { Pool } from 'pg';
import { ask, end, freePort, message, startApi, startHelper } from '../children.js';
import type { Posted, PostReceipts } from '../processes/poster.js';
import { CpuUse } from '../cpu-use.js';
import { against, compared, multiple, type Result } from '../result.js';
import { sentMessages, type SentMessage } from '../sent-messages.js';
import { openCore, settings, type Stage } from '../stage.js';

/** Half of them before those that count, so that no process is measured cold. */
const MESSAGES = 60_000;
const BASELINE_MESSAGES = 30_000;
const CONNECTIONS = 256;

interface Taken {
  rate: number;
  cpu: Result[];
}

/** Signed receipts of distinct messages, posted by another process; one process takes them. */
export async function receipts(stage: Stage): Promise<Result[]> {
  const checkOnly = await plain(stage, false);
  const baseline = await plain(stage, true);
  const floor = await ofRealMessages(stage, 'floor', async (env) => {
    const port = String(await freePort());
    const child = startHelper('receipts-floor', { ...env, PORT: port });
    await message(child);
    return { child, url: `http://127.0.0.1:${port}` };
  });
  const ours = await ofRealMessages(stage, 'api', startApi);
  return [
    compared(
      'receipts: signed, distinct messages, one api process',
      'receipts/s',
      ours.rate,
      { name: 'UPDATE and INSERT per receipt', rate: baseline.rate },
      3,
    ),
    compared(
      'the same against the signature alone',
      'receipts/s',
      ours.rate,
      { name: 'checks the signature and answers', rate: checkOnly.rate },
      0.7,
    ),
    against(
      'the same against what no receiver can leave out: signature, sealed journal, outcome and event in our tables',
      'receipts/s',
      ours.rate,
      floor.rate,
      `${multiple(floor.rate, baseline.rate)} UPDATE and INSERT, ${multiple(floor.rate, checkOnly.rate)} the signature alone`,
    ),
    ...ours.cpu,
    ...floor.cpu,
    ...checkOnly.cpu,
  ];
}

async function ofRealMessages(
  stage: Stage,
  name: 'api' | 'floor',
  startReceiver: (env: Record<string, string>) => Promise<{ child: ChildProcess; url: string }>,
): Promise<Taken> {
  const { url: databaseUrl, pool, close } = await stage.database();
  const env = settings(stage, databaseUrl);
  const { core, tenantId } = await openCore(env);
  const messages = await sentMessages(pool, core, tenantId, MESSAGES);
  await core.close();
  const { child, url } = await startReceiver(env);
  const taken = await posted(url, messages, { [name]: child }, pool);
  const { rows } = await pool.query<{ delivered: string; events: string; journal: string }>(
    `select (select count(*) from messages where status = 'DELIVERED') as delivered,
       (select count(*) from message_events) as events, (select count(*) from webhook_journal) as journal`,
  );
  const done = `${rows[0]?.delivered} ${rows[0]?.events} ${rows[0]?.journal}`;
  if (done !== `${MESSAGES} ${MESSAGES} ${MESSAGES}`) throw new Error(`delivered, events and journal entries: ${done}`);
  await end(child);
  await close();
  return taken;
}

async function plain(stage: Stage, stores: boolean): Promise<Taken> {
  const { url: databaseUrl, pool, close } = await stage.database();
  await pool.query(`create table plain_messages (id uuid primary key, to_number text not null, body text not null, status text not null,
    provider_id text, created_at timestamptz not null default now(), updated_at timestamptz not null default now())`);
  await pool.query('create index on plain_messages (status)');
  await pool.query(`create table plain_events (id bigint generated always as identity primary key, message_id uuid not null, status text not null,
    payload jsonb not null, created_at timestamptz not null default now())`);
  await pool.query('create index on plain_events (message_id)');
  const { rows: messages } = await pool.query<SentMessage>(
    `insert into plain_messages (id, to_number, body, status, provider_id)
     select gen_random_uuid(), '+14155550100', 'Your appointment is tomorrow at 09:30.', 'SENT', 'SM' || md5(n::text) from generate_series(1, $1) n
     returning id, provider_id as sid, to_number as "to"`,
    [stores ? BASELINE_MESSAGES : MESSAGES],
  );
  const port = String(await freePort());
  const server = startHelper('receipts-baseline', { PORT: port, ...(stores ? { DATABASE: databaseUrl } : {}) });
  await message(server);
  const taken = await posted(`http://127.0.0.1:${port}`, messages, { 'signature alone': server }, pool);
  await end(server);
  await close();
  return taken;
}

async function posted(origin: string, messages: SentMessage[], program: Record<string, ChildProcess>, pool: Pool): Promise<Taken> {
  const poster = startHelper('poster');
  await message(poster);
  const warm = messages.length / 2;
  const post = (some: SentMessage[]): Promise<Posted> =>
    ask<Posted>(poster, { origin, connections: CONNECTIONS, messages: some } satisfies PostReceipts, 90_000);
  await post(messages.slice(0, warm));
  const [[name, { pid }] = ['', { pid: undefined }]] = Object.entries(program);
  const cpu = await CpuUse.from({ [name]: [pid], 'the poster': [poster.pid] }, pool);
  const { seconds, statuses } = await post(messages.slice(warm));
  const others = [...statuses].filter(([status]) => status !== '200' && status !== 'closed');
  if (others.length > 0) throw new Error(`Answers: ${others.map(([status, count]) => `${count} × ${status}`).join(', ')}`);
  const what = name === 'floor' ? 'processor time of what cannot be left out, a receipt' : 'of that, processor time of a receipt';
  const used = await cpu.each(what, messages.length - warm);
  await end(poster);
  return { rate: (messages.length - warm) / seconds, cpu: used };
}
