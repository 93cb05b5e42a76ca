import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Lane } from '../../messages/lane.js';
import { openRedis } from '../../platform/redis/open-redis.js';
import type { Dispatcher } from '../dispatch.js';
import type { ChargeReader } from '../charge-reader.js';
import type { StatusLookUp } from '../look-up.js';
import type { Redactions } from '../redaction.js';
import { CHARGES, LOOK_UPS, REDACTIONS, type DispatchJob, type LaneQueues, type LookUpJob } from './lane-queues.js';

/** Jobs at once. Codes have places of their own that no campaign can take. */
const CONCURRENCY: Record<Lane, number> = { otp: 16, transactional: 8, bulk: 4 };

/** Longer than a worker asks Redis to wait for work, which is ten seconds at most. */
const SILENCE_MS = 20_000;

/** For Redis to hear that the last jobs have ended, and less where the grace is short. A job it has not heard of is run again, and claims nothing. */
const LAST_WORD_MS = 1_000;
const LAST_WORD_SHARE = 1 / 8;

/** Works off the queues of this process. */
export class DeliveryWorker {
  private readonly workers: Worker[];
  private readonly redis: Redis;
  private readonly running = new Set<Promise<void>>();

  constructor(
    options: { url: string; prefix: string; log: Logger },
    private readonly dispatcher: Dispatcher,
    lookUp: StatusLookUp,
    redactions: Redactions,
    private readonly charges: ChargeReader,
    queues: LaneQueues,
    silenceMs = SILENCE_MS,
  ) {
    // Each worker makes itself a second one, to wait on.
    this.redis = openRedis(options.url, options.log, { maxRetriesPerRequest: null, socketTimeout: silenceMs });
    const open = (name: string, concurrency: number, work: (data: never) => Promise<void>): Worker => {
      const worker = new Worker(name, (job) => this.counted(work(job.data as never)), {
        connection: this.redis,
        prefix: options.prefix,
        concurrency,
        // A job that is taken twice claims nothing the second time, so a long lock only delays after a crash.
        lockDuration: 60_000,
        maxStalledCount: 10,
      });
      worker.on('error', (error) => options.log.debug({ err: error, queue: name }, 'worker connection'));
      worker.on('failed', (job, error) =>
        options.log.warn({ err: error, queue: name, jobId: job?.id }, 'a job failed; the sweep will bring its messages back'),
      );
      return worker;
    };
    const dispatch = (lane: Lane) => async (job: DispatchJob) => {
      const { tenantId, channel } = job;
      try {
        const messageIds = await dispatcher.run(lane, job.messageIds, channel);
        const delayMs = dispatcher.admission.waitMs(lane, channel);
        if (messageIds.length > 0) await queues.hint([{ tenantId, lane, channel, messageIds, delayMs }]);
      } finally {
        await queues.done(lane, job);
      }
    };
    this.workers = [
      ...Object.values(Lane).map((lane) => open(lane, CONCURRENCY[lane], dispatch(lane))),
      open(LOOK_UPS, 2, ({ status }: LookUpJob) => lookUp.runDue(status)),
      open(REDACTIONS, 1, () => redactions.runDue()),
      open(CHARGES, 1, () => charges.runDue()),
    ];
  }

  /** Takes no more work, waits for what is under way at most `graceMs`, then cuts the provider calls that remain. */
  async stop(graceMs: number): Promise<void> {
    this.dispatcher.stop();
    this.charges.stop();
    const closed = Promise.all(this.workers.map((worker) => worker.close()));
    const cut = setTimeout(() => this.dispatcher.abort(), graceMs);
    // BullMQ alone would wait for a Redis that is away until it is back.
    await Promise.race([closed, this.idle(Math.min(LAST_WORD_MS, graceMs * LAST_WORD_SHARE))]);
    clearTimeout(cut);
    this.redis.disconnect();
  }

  private async counted(job: Promise<void>): Promise<void> {
    this.running.add(job);
    await job.finally(() => this.running.delete(job));
  }

  private async idle(afterMs: number): Promise<void> {
    do {
      await Promise.allSettled(this.running);
      await delay(afterMs, undefined, { ref: false });
    } while (this.running.size > 0);
  }
}
