import { Queue } from 'bullmq';
import { pino } from 'pino';
import { buildCore, type RunningConfig } from '../../src/app/build-core.js';
import { bootstrap } from '../../src/accounts/bootstrap.js';
import { systemCaller } from '../../src/accounts/system-caller.js';
import { readConfig } from '../../src/config.js';
import { newId } from '../../src/platform/ids.js';
import type { Result } from '../result.js';
import { ask, end, message, settings, startHelper, startProgram, until, type Stage } from '../stage.js';

const MESSAGES = 30_000;
const number = (index: number): string => `+1415555${String(index % 10_000).padStart(4, '0')}`;

interface Counted {
  count: number;
  firstAt: number;
  lastAt: number;
}

/** 30,000 queued SMS through the Twilio adapter to a local HTTP server, one worker process. */
export async function dispatch(stage: Stage): Promise<Result[]> {
  const provider = startHelper('provider');
  const { url } = await message<{ url: string }>(provider);
  const reset = (): Promise<Counted> => ask(provider, 'reset');
  const limit = await plain(stage, url, 'dispatch-limit', false, provider);
  await reset();
  const baseline = await plain(stage, url, 'dispatch-baseline', true, provider);
  await reset();
  const ours = await heliograph(stage, url, provider);
  await end(provider);
  return [
    {
      name: 'dispatch: one job, stock SDK call and three statements per message',
      rate: baseline,
      unit: 'messages/s',
      reference: 'baseline',
    },
    { name: 'dispatch: raw posts and set-based SQL', rate: limit, unit: 'messages/s', reference: 'limit' },
    {
      name: 'dispatch: Heliograph',
      rate: ours,
      unit: 'messages/s',
      ratios: [
        ['baseline', ours / baseline, 8],
        ['limit', ours / limit, 0.5],
      ],
    },
  ];
}

/** Rate from the first request to the last row that is SENT. */
async function plain(
  stage: Stage,
  provider: string,
  name: string,
  queued: boolean,
  counter: ReturnType<typeof startHelper>,
): Promise<number> {
  const { url, pool, close } = await stage.database();
  await pool.query(`create table plain_messages (id uuid primary key, to_number text not null, body text not null, status text not null,
    provider_id text, created_at timestamptz not null default now(), updated_at timestamptz not null default now())`);
  await pool.query('create index on plain_messages (status)');
  const ids = Array.from({ length: MESSAGES }, newId);
  await pool.query(
    `insert into plain_messages (id, to_number, body, status) select id, number, 'Your appointment is tomorrow at 09:30.', 'QUEUED' from unnest($1::uuid[], $2::text[]) as u(id, number)`,
    [ids, ids.map((_, index) => number(index))],
  );
  const queue = new Queue('baseline', { connection: { url: stage.redisUrl } });
  if (queued) await queue.addBulk(ids.map((id) => ({ name: 'send', data: { id }, opts: { removeOnComplete: true } })));
  const helper = startHelper(name, { DATABASE: url, REDIS: stage.redisUrl, PROVIDER: provider });
  await message(helper);
  const began = Date.now();
  await until(async () => (await ask<Counted>(counter, 'count')).count >= MESSAGES);
  await until(async () => (await pool.query(`select 1 from plain_messages where status <> 'SENT' limit 1`)).rowCount === 0);
  const seconds = (Date.now() - began) / 1000;
  await end(helper);
  await queue.obliterate({ force: true });
  await queue.close();
  await close();
  return MESSAGES / seconds;
}

async function heliograph(stage: Stage, provider: string, counter: ReturnType<typeof startHelper>): Promise<number> {
  const { url, pool, close } = await stage.database();
  const env = settings(stage, url, {
    ROLES: 'worker',
    SMS_PROVIDER: 'twilio',
    TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000001',
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_FROM_NUMBER: '+15005550006',
    TWILIO_API_BASE_URL: provider,
    PUBLIC_URL: 'http://127.0.0.1:9',
  });
  const core = await buildCore(readConfig(env) as RunningConfig, {
    log: pino({ level: 'warn' }),
    publicUrl: () => 'http://127.0.0.1:9',
    sends: false,
  });
  const { tenantId } = await bootstrap({ db: core.db, audit: core.accounts.audit, apiKeys: core.accounts.apiKeys }, { generate: true });
  for (let start = 0; start < MESSAGES; start += 10_000)
    await core.batches.send(systemCaller(tenantId, 'bench'), {
      name: 'bench',
      channels: ['SMS'],
      body: 'Your appointment is tomorrow at 09:30.',
      language: null,
      category: 'UTILITY',
      topic: null,
      sendAt: null,
      idempotencyKey: null,
      maxCost: null,
      recipients: Array.from({ length: 10_000 }, (_, index) => ({ to: number(index), reference: null, language: null })),
    });
  await core.close();
  const program = startProgram(env);
  await until(async () => (await ask<Counted>(counter, 'count')).count > 0, 5);
  // Asked only at the end: the question reads the whole table, on a core that the worker needs.
  await until(async () => (await ask<Counted>(counter, 'count')).count >= MESSAGES);
  await until(async () => (await pool.query(`select 1 from messages where status <> 'SENT' limit 1`)).rowCount === 0);
  const { firstAt } = await ask<Counted>(counter, 'count');
  const seconds = (Date.now() - firstAt) / 1000;
  await end(program);
  await close();
  return MESSAGES / seconds;
}
