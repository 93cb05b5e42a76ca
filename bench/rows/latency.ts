import { ask, end, message, startApi, startHelper } from '../children.js';
import type { Latencies, Measure } from '../processes/latency.js';
import type { Result } from '../result.js';
import { sentMessages } from '../sent-messages.js';
import { BENCH_KEY, openCore, settings, type Stage } from '../stage.js';

const PER_SECOND = 500;
const SECONDS = 15;
const WARM_SECONDS = 2;
const MOST_MS = 100;

/** From the moment a receipt is posted until a subscriber has the change, through the commit, Redis and a socket. */
export async function latency(stage: Stage): Promise<Result[]> {
  const { url: databaseUrl, pool, close } = await stage.database();
  const env = settings(stage, databaseUrl);
  const { core, tenantId } = await openCore(env);
  const messages = await sentMessages(pool, core, tenantId, PER_SECOND * (WARM_SECONDS + SECONDS));
  await core.close();
  const { child, url } = await startApi(env);
  const helper = startHelper('latency');
  await message(helper);
  const question: Measure = { url, key: BENCH_KEY, perSecond: PER_SECOND, warm: PER_SECOND * WARM_SECONDS, messages };
  const { p50, p95, p99, missing, perSecond } = await ask<Latencies>(helper, question, 75_000);
  await end(helper);
  await end(child);
  await close();
  const what = `receipt to subscriber at ${Math.round(perSecond)} receipts/s`;
  if (missing > 0) throw new Error(`${missing} changes never reached the subscriber`);
  const [half, most, nearlyAll] = [p50, p95, p99].map((ms) => ms.toFixed(1));
  return [
    {
      what,
      heliograph: `p50 ${half} ms, p95 ${most} ms, p99 ${nearlyAll} ms`,
      reference: '',
      ratio: null,
      target: `p99 < ${MOST_MS} ms`,
      met: p99 < MOST_MS,
    },
  ];
}
