import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** Ids that are asked for in one command, and commands that one look may cost. */
const PAGE = 1_000;
const PAGES = 50;

/**
 * When the job that waits longest was added (milliseconds since 1970); null when none waits.
 *
 * A lane's jobs stand in the order of their tenants' turns, so the first in line may be young while an old one waits far
 * behind. But ids count upwards, and a job that has left its place does not come back to it: the oldest is the first id
 * that still waits, and those below need not be looked at again, but for jobs that are delayed: their turn is still to come.
 * Redis keeps how far that is, for whoever asks next. Where nobody has asked for days, one look may not reach it; then the
 * first in line stands for it until a later look does.
 */
export async function oldestWaiting(redis: Redis, queue: Queue): Promise<number | null> {
  // In this order: when nothing waits afterwards, all ids up to this one have left.
  const last = Number(await redis.get(queue.toKey('id')));
  // At one moment, and delayed ones first: those move among the prioritized.
  const [[, delayed], [, inTurn], [, inLine]] = (await redis
    .multi()
    .zcard(queue.toKey('delayed'))
    .zrange(queue.toKey('prioritized'), 0, 0)
    // Looked-up ones, and those whose worker died: first come, first served, from the end of the list.
    .lindex(queue.toKey('wait'), -1)
    .exec()) as [Answer<number>, Answer<string[]>, Answer<string | null>];
  const nobody = inTurn.length === 0 && delayed === 0;
  const oldest = nobody ? await markEmpty(redis, queue, last) : ((await firstThatWaits(redis, queue, last)) ?? inTurn[0] ?? null);
  const ids = [inLine, oldest].filter((id) => id !== null);
  const added = await Promise.all(ids.map((id) => redis.hget(queue.toKey(id), 'timestamp')));
  // Null where it was taken in between.
  const times = added.filter((time) => time !== null).map(Number);
  return times.length > 0 ? Math.min(...times) : null;
}

type Answer<T> = [error: null, value: T];

async function firstThatWaits(redis: Redis, queue: Queue, last: number): Promise<string | null> {
  const mark = Number(await redis.get(markOf(queue)));
  // Above the last id where somebody has emptied the queue, and the counting has begun anew.
  let looked = mark > last ? 0 : mark;
  let gone: number | null = null;
  try {
    for (let page = 0; page < PAGES && looked < last; page++) {
      const ids = Array.from({ length: Math.min(PAGE, last - looked) }, (_, index) => String(looked + index + 1));
      // Delayed ones first: a job that moves in between is seen twice, not missed.
      const [delayed, waiting] = await Promise.all([
        redis.zmscore(queue.toKey('delayed'), ...ids),
        redis.zmscore(queue.toKey('prioritized'), ...ids),
      ]);
      const stays = ids.findIndex((_, index) => (delayed[index] ?? waiting[index] ?? null) !== null);
      if (stays !== -1) gone ??= looked + stays;
      const found = waiting.findIndex((place) => place !== null);
      if (found !== -1) return ids[found] ?? null;
      looked += ids.length;
    }
    return null;
  } finally {
    await redis.set(markOf(queue), gone ?? looked);
  }
}

async function markEmpty(redis: Redis, queue: Queue, last: number): Promise<null> {
  await redis.set(markOf(queue), last);
  return null;
}

/** Ids up to this one have left. */
const markOf = (queue: Queue): string => queue.toKey('oldest');
