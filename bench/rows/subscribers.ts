import type { ChildProcess } from 'node:child_process';
import type { MessageNews } from '../../src/messages/message-fact.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { newId } from '../../src/platform/ids.js';
import type { Core } from '../../src/app/build-core.js';
import { ask, end, freePort, message, startApi, startHelper, until } from '../children.js';
import type { Listen, WaitFor } from '../processes/listeners.js';
import { compared, type Result } from '../result.js';
import { sentMessages } from '../sent-messages.js';
import { BENCH_KEY, openCore, settings, type Stage } from '../stage.js';

const SUBSCRIBERS = 300;
const GROUP = 20;
const GROUPS = 25;
const BASELINE_GROUPS = 6;
const QUERY = `subscription { messageStatusChanged {
  id messageId previousStatus status source at attempt provider error { kind code message } cursor message { to reference channel }
} }`;

/** The same events to subscribers who ask the same: over real sockets, from another process. */
export async function subscribers(stage: Stage): Promise<Result[]> {
  const { url: databaseUrl, pool, close } = await stage.database();
  const env = settings(stage, databaseUrl);
  const { core, tenantId } = await openCore(env);
  const messages = await sentMessages(pool, core, tenantId, GROUP * 50);
  const { rows } = await pool.query<{ id: string; horizon: string }>(
    `select id, pg_snapshot_xmin(pg_current_snapshot())::text as horizon from messages`,
  );
  const horizon = rows[0]?.horizon ?? '0';
  let next = 0;
  const publish = (count: number): void =>
    core.feed.publish(Array.from({ length: count }, () => delivered(messages[next++ % messages.length]?.id ?? '', tenantId, horizon)));

  const port = String(await freePort());
  const stock = startHelper('subscriptions-baseline', { PORT: port, SETTINGS: JSON.stringify(env) });
  await message(stock);
  const baseline = await rate(core, publish, `http://127.0.0.1:${port}`, BASELINE_GROUPS);
  await end(stock);
  const api = await startApi(env);
  const ours = await rate(core, publish, api.url, GROUPS);
  await end(api.child);
  await core.close();
  await close();
  const what = `subscriptions: one event to ${SUBSCRIBERS} equal subscribers, over sockets`;
  return [compared(what, 'events × subscribers/s', ours, { name: 'stock graphql-ws, one execution each', rate: baseline }, 3)];
}

async function rate(_core: Core, publish: (count: number) => void, url: string, groups: number): Promise<number> {
  const listeners: ChildProcess = startHelper('listeners');
  await message(listeners);
  await ask(listeners, { url, key: BENCH_KEY, query: QUERY, subscribers: SUBSCRIBERS } satisfies Listen);
  // A subscription begins a moment after it was asked for, and nothing tells when.
  await until(async () => {
    publish(1);
    return (await ask<number>(listeners, 'fewest')) > 0;
  });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const before = await ask<number>(listeners, 'fewest');
  const began = performance.now();
  for (let group = 1; group <= groups; group++) {
    publish(GROUP);
    await ask(listeners, { each: before + group * GROUP } satisfies WaitFor);
  }
  const seconds = (performance.now() - began) / 1000;
  await end(listeners);
  return (groups * GROUP * SUBSCRIBERS) / seconds;
}

function delivered(messageId: string, tenantId: string, horizon: string): MessageNews {
  const now = new Date();
  const row = {
    channel: 'SMS',
    category: 'UTILITY',
    provider: 'twilio',
    toHash: Buffer.alloc(16),
    createdAt: now,
    lane: 'bulk',
    dueAt: now,
  };
  const event = {
    id: newId(),
    messageId,
    tenantId,
    status: 'DELIVERED',
    previousStatus: 'SENT',
    applied: true,
    source: 'WEBHOOK',
    at: now,
  };
  const nothing = { errorKind: null, errorCode: null, errorMessage: null, errorRetryable: null, actor: null, detail: null };
  return {
    row: { ...NONE, ...row } as MessageRow,
    event: { ...event, ...nothing, attempt: 1, provider: 'twilio' } as never,
    place: { horizon, xid: NOT_YET },
  };
}

/** A transaction that is still to come: what is older than the log's reading is taken for a repetition. */
const NOT_YET = String(2n ** 62n);
const NONE = { topic: null, batchId: null, reference: null, templateCode: null, errorKind: null, trace: null };
