import { type ChildProcess } from 'node:child_process';
import { Queue } from 'bullmq';
import type { Pool } from 'pg';
import { systemCaller } from '../../src/accounts/system-caller.js';
import { newId } from '../../src/platform/ids.js';
import { ask, end, message, startHelper, startProgram, until } from '../children.js';
import { CpuUse } from '../cpu-use.js';
import { against, compared, multiple, type Result } from '../result.js';
import { numberOf, openCore, settings, type Stage } from '../stage.js';

const MESSAGES = 30_000;
const LONG = { withinMs: 150_000 };
const BODY = 'Your appointment is tomorrow at 09:30.';

interface Counted {
  count: number;
  firstAt: number;
  lastAt: number;
}

interface Sent {
  rate: number;
  cpu: Result[];
}

/** 30,000 queued SMS through the Twilio adapter to a local HTTP server, one worker process. */
export async function dispatch(stage: Stage): Promise<Result[]> {
  const provider = startHelper('provider');
  const { url } = await message<{ url: string }>(provider);
  const reset = (): Promise<Counted> => ask(provider, 'reset');
  const limit = await plain(stage, url, 'dispatch-limit', provider);
  await reset();
  const baseline = await plain(stage, url, 'dispatch-baseline', provider);
  await reset();
  const floor = await ofRealMessages(stage, url, provider, 'floor', (env) => startHelper('dispatch-floor', env));
  await reset();
  const ours = await ofRealMessages(stage, url, provider, 'worker', startProgram);
  await end(provider);
  const what = `dispatch: ${MESSAGES.toLocaleString('en-US')} queued SMS through the Twilio adapter, one worker process`;
  return [
    compared(
      what,
      'messages/s',
      ours.rate,
      { name: 'one BullMQ job, stock SDK call, three row statements per message', rate: baseline.rate },
      8,
    ),
    compared(
      'the same against the limit',
      'messages/s',
      ours.rate,
      { name: 'raw posts and set-based SQL, no queue, no SDK', rate: limit.rate },
      0.5,
    ),
    against(
      'the same against what no worker can leave out: SDK, decryption, claim and outcome in our tables',
      'messages/s',
      ours.rate,
      floor.rate,
      `${multiple(floor.rate, baseline.rate)} the job per message`,
    ),
    ...ours.cpu,
    ...floor.cpu,
    ...limit.cpu,
  ];
}

async function plain(stage: Stage, provider: string, name: 'dispatch-limit' | 'dispatch-baseline', counter: ChildProcess): Promise<Sent> {
  const { url, pool, close } = await stage.database();
  await pool.query(`create table plain_messages (id uuid primary key, to_number text not null, body text not null, status text not null,
    provider_id text, created_at timestamptz not null default now(), updated_at timestamptz not null default now())`);
  await pool.query('create index on plain_messages (status)');
  const ids = Array.from({ length: MESSAGES }, newId);
  await pool.query(
    `insert into plain_messages (id, to_number, body, status) select id, number, $3, 'QUEUED' from unnest($1::uuid[], $2::text[]) as u(id, number)`,
    [ids, ids.map((_, index) => numberOf(index)), BODY],
  );
  const queue = new Queue('baseline', { connection: { url: stage.redisUrl } });
  if (name === 'dispatch-baseline')
    await queue.addBulk(ids.map((id) => ({ name: 'send', data: { id }, opts: { removeOnComplete: true } })));
  const helper = startHelper(name, { DATABASE: url, REDIS: stage.redisUrl, PROVIDER: provider });
  await message(helper);
  const cpu = await CpuUse.from({ sender: [helper.pid], 'the stand-in': [counter.pid] }, pool);
  const seconds = await secondsUntilSent(pool, 'plain_messages', counter);
  const used = await cpu.each(`processor time of the ${name === 'dispatch-limit' ? 'limit' : 'baseline'}, a message`, MESSAGES);
  await end(helper);
  await queue.obliterate({ force: true });
  await queue.close();
  await close();
  return { rate: MESSAGES / seconds, cpu: used };
}

async function ofRealMessages(
  stage: Stage,
  provider: string,
  counter: ChildProcess,
  name: 'worker' | 'floor',
  startSender: (env: Record<string, string>) => ChildProcess,
): Promise<Sent> {
  const { url, pool, close } = await stage.database();
  const env = settings(stage, url, { ROLES: 'worker', TWILIO_API_BASE_URL: provider });
  const { core, tenantId } = await openCore(env);
  for (let start = 0; start < MESSAGES; start += 10_000)
    await core.batches.send(systemCaller(tenantId, 'bench'), {
      name: 'bench',
      channels: ['SMS'],
      body: BODY,
      template: null,
      language: null,
      category: 'UTILITY',
      topic: null,
      sendAt: null,
      idempotencyKey: null,
      maxCost: null,
      recipients: Array.from({ length: 10_000 }, (_, index) => ({ ...NOBODY, to: numberOf(start + index) })),
    });
  await core.close();
  const program = startSender(env);
  await until(async () => (await ask<Counted>(counter, 'count')).count > 0, { everyMs: 5 });
  const cpu = await CpuUse.from({ [name]: [program.pid], 'the stand-in': [counter.pid] }, pool);
  const seconds = await secondsUntilSent(pool, 'messages', counter);
  const used = await cpu.each(
    name === 'worker' ? 'of that, processor time of a message' : 'processor time of what cannot be left out, a message',
    MESSAGES,
  );
  await end(program);
  await close();
  return { rate: MESSAGES / seconds, cpu: used };
}

/** From the first request to the last row that is SENT. Throws when a message was sent twice. */
async function secondsUntilSent(pool: Pool, table: 'messages' | 'plain_messages', counter: ChildProcess): Promise<number> {
  await until(async () => (await ask<Counted>(counter, 'count')).count >= MESSAGES, LONG);
  // Asked only now: the question reads the whole table, on a core that the sender needs.
  await until(async () => (await pool.query(`select 1 from ${table} where status <> 'SENT' limit 1`)).rowCount === 0, LONG);
  const endedAt = Date.now();
  const { count, firstAt } = await ask<Counted>(counter, 'count');
  if (count !== MESSAGES) throw new Error(`${count} requests for ${MESSAGES} messages`);
  return (endedAt - firstAt) / 1000;
}

const NOBODY = { contactId: null, externalId: null, variables: null, language: null, reference: null };
