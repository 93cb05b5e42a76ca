import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Lane } from '../../messages/lane.js';
import type { DispatchHint } from '../../messages/message.ports.js';
import { openRedis, SILENCE_MS } from '../../platform/redis/open-redis.js';
import {
  DUE_AT_ONCE,
  type ChargeQueue,
  MOST_DUE,
  type LaneQueue,
  type LookUpQueue,
  type QueueFigures,
  type QueueInspector,
  type RedactionQueue,
  type SilentStatus,
} from '../delivery.ports.js';
import { oldestWaiting } from './queue-age.js';

export interface DispatchJob extends Omit<DispatchHint, 'lane' | 'delayMs'> {
  /** In which its turn was counted. */
  window: number;
}

export interface LookUpJob {
  status: SilentStatus;
}

export const LOOK_UPS = 'look-ups';
export const REDACTIONS = 'redactions';
export const CHARGES = 'charges';

/** Redis must answer within this, or the hint is left to the sweep: an accepted message must not wait for it. */
const PATIENCE_MS = 1_500;
const DEPTH_SECONDS = 600;
const LOWEST_PRIORITY = 2_000_000;
const KEEP = { removeOnComplete: true, removeOnFail: { count: 1000 } };

/**
 * One queue per lane. Within a lane, tenants take turns: a job's priority is how many of its tenant's jobs wait already,
 * so the first job of a quiet tenant goes before the hundredth of a busy one.
 */
export class LaneQueues implements LaneQueue, LookUpQueue, RedactionQueue, ChargeQueue, QueueInspector {
  private readonly lanes: Record<Lane, Queue<DispatchJob>>;
  private readonly lookUps: Queue<LookUpJob>;
  private readonly redactions: Queue<Record<string, never>>;
  private readonly charges: Queue<Record<string, never>>;
  private readonly redis: Redis;
  /** `redis`, and one for each queue. */
  private readonly clients: Redis[] = [];

  constructor(
    url: string,
    private readonly prefix: string,
    private readonly log: Logger,
    silenceMs = SILENCE_MS,
  ) {
    // A producer fails at once when Redis is away, instead of keeping callers waiting: the sweep makes up for it.
    const options = { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: PATIENCE_MS, socketTimeout: silenceMs };
    const connect = (): Redis => {
      const client = openRedis(url, log, options);
      this.clients.push(client);
      return client;
    };
    this.redis = connect();
    const open = <T>(name: string): Queue<T> => {
      const queue: Queue<T> = new Queue<T>(name, { connection: connect(), prefix, defaultJobOptions: KEEP });
      queue.on('error', (error) => log.debug({ err: error, queue: name }, 'queue connection'));
      return queue;
    };
    this.lanes = { otp: open(Lane.otp), transactional: open(Lane.transactional), bulk: open(Lane.bulk) };
    this.lookUps = open(LOOK_UPS);
    this.redactions = open(REDACTIONS);
    this.charges = open(CHARGES);
  }

  async hint(hints: DispatchHint[]): Promise<void> {
    const byLane = Map.groupBy(hints, ({ lane }) => lane);
    await Promise.all([...byLane].map(([lane, group]) => this.attempt(`hints of lane ${lane}`, () => this.addHints(lane, group))));
  }

  /** For the board. */
  all(): Queue[] {
    return [...Object.values(this.lanes), this.lookUps, this.redactions, this.charges] as Queue[];
  }

  async idleLanes(): Promise<Lane[] | null> {
    const lanes = Object.values(Lane);
    const waiting = withPatience(
      Promise.all(lanes.map((lane) => this.lanes[lane].getJobCountByTypes('waiting', 'prioritized', 'delayed'))),
    );
    const counts = await waiting.catch(() => null);
    return counts && lanes.filter((_, index) => counts[index] === 0);
  }

  /** Jobs with a priority wait for those without: the silent for the unanswered. */
  async callLookUps(due: Readonly<Record<SilentStatus, number>>): Promise<void> {
    if (due.UNCONFIRMED + due.SENT === 0) return;
    await this.attempt('look-ups', async () => {
      const { waiting = 0, prioritized = 0 } = await this.lookUps.getJobCounts('waiting', 'prioritized');
      const unanswered = Array.from({ length: missingJobs(due.UNCONFIRMED, waiting) }, () => callFor('UNCONFIRMED'));
      const silent = Array.from({ length: missingJobs(due.SENT, prioritized) }, () => ({ ...callFor('SENT'), opts: { priority: 1 } }));
      await this.lookUps.addBulk([...unanswered, ...silent]);
    });
  }

  callRedactions(due: number): Promise<void> {
    return this.call(this.redactions, due);
  }

  callCharges(due: number): Promise<void> {
    return this.call(this.charges, due);
  }

  /** A job of the tenant has ended. */
  async done(lane: Lane, { tenantId, window }: Pick<DispatchJob, 'tenantId' | 'window'>): Promise<void> {
    const key = this.depthKey(lane, tenantId, window);
    await this.attempt('turns', async () => {
      // Forgotten in between.
      if ((await this.redis.decr(key)) < 0) await this.redis.del(key);
    });
  }

  async figures(): Promise<QueueFigures[]> {
    return Promise.all(this.all().map((queue) => this.figuresOf(queue)));
  }

  async ping(): Promise<void> {
    await withPatience(this.redis.ping());
  }

  async close(): Promise<void> {
    await Promise.all(this.all().map((queue) => queue.close().catch(() => undefined)));
    for (const client of this.clients) client.disconnect();
  }

  private async call(queue: Queue<Record<string, never>>, due: number): Promise<void> {
    if (due === 0) return;
    await this.attempt(queue.name, async () => {
      const waiting = await queue.getWaitingCount();
      await queue.addBulk(Array.from({ length: missingJobs(due, waiting) }, () => ({ name: queue.name, data: {} })));
    });
  }

  private async figuresOf(queue: Queue): Promise<QueueFigures> {
    const counts = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed');
    const since = await oldestWaiting(this.redis, queue);
    return {
      name: queue.name,
      waiting: (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0),
      active: counts['active'] ?? 0,
      delayed: counts['delayed'] ?? 0,
      failed: counts['failed'] ?? 0,
      oldestWaitingSeconds: since === null ? null : Math.max(0, Date.now() - since) / 1000,
    };
  }

  private async addHints(lane: Lane, hints: DispatchHint[]): Promise<void> {
    const pipeline = this.redis.pipeline();
    const window = Math.floor(Date.now() / 1000 / DEPTH_SECONDS);
    for (const { tenantId } of hints) {
      const key = this.depthKey(lane, tenantId, window);
      pipeline.incr(key);
      pipeline.expire(key, DEPTH_SECONDS);
    }
    const depths = (await pipeline.exec())?.filter((_, index) => index % 2 === 0) ?? [];
    await this.lanes[lane].addBulk(
      hints.map(({ tenantId, channel, messageIds, delayMs = 0 }, index) => ({
        name: 'dispatch',
        data: { tenantId, channel, messageIds, window },
        opts: { delay: delayMs, priority: Math.min(Math.max(Number(depths[index]?.[1] ?? 1), 1), LOWEST_PRIORITY) },
      })),
    );
  }

  private async attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    await withPatience(work()).catch((error: unknown) => this.log.warn({ err: error }, `Redis did not take the ${what}; the sweep will`));
  }

  /** Counted anew every few minutes: a job that never ended (its worker died) must not hold its tenant back for ever. */
  private depthKey(lane: Lane, tenantId: string, window: number): string {
    return `${this.prefix}:turns:${lane}:${tenantId}:${window}`;
  }
}

const callFor = (status: SilentStatus): { name: string; data: LookUpJob } => ({ name: 'look-up', data: { status } });

/** The rows stay where they are, and only as many jobs wait as they are worth: nothing is queued twice, however often it is due. */
const missingJobs = (due: number, waiting: number): number => Math.max(0, Math.ceil(Math.min(due, MOST_DUE) / DUE_AT_ONCE) - waiting);

function withPatience<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('Redis did not answer in time')), PATIENCE_MS);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
