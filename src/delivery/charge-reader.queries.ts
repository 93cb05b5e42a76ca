import { sql, type Kysely } from 'kysely';

/** A row of `charge_readings` that was taken: a window of time, and the page of it that comes next. */
export interface ChargeReading {
  provider: string;
  delaySeconds: number;
  readUntil: Date;
  windowEnd: Date;
  page: string | null;
  /** Until then it is nobody else's; who comes later changes nothing. */
  nextAt: Date;
}

/** Of providers that are new it reads what goes out from now on. Returns how many readings are due. */
export async function countDueReadings(
  db: Kysely<unknown>,
  { providers, delays, now }: { providers: readonly string[]; delays: readonly number[]; now: Date },
): Promise<number> {
  const { rows } = await sql<{ due: number }>`
    with begun as (
      insert into charge_readings (provider, delay_seconds, read_until, next_at)
      select p, d, ${now}::timestamptz, ${now}::timestamptz + d * interval '1 second'
      from unnest(${providers}::text[]) p, unnest(${delays}::int[]) d on conflict do nothing)
    select count(*)::int as due from charge_readings where provider = any(${providers}::text[]) and next_at <= ${now}`.execute(db);
  return rows[0]?.due ?? 0;
}

/** The one that has waited longest. Its window ends where messages have been out for too short a time. */
export async function takeReading(
  db: Kysely<unknown>,
  { providers, now, leaseUntil, longest }: { providers: readonly string[]; now: Date; leaseUntil: Date; longest: string },
): Promise<ChargeReading | null> {
  const { rows } = await sql<ChargeReading>`
    with due as (
      select provider, delay_seconds from charge_readings where provider = any(${providers}::text[]) and next_at <= ${now}
      order by next_at limit 1 for update skip locked)
    update charge_readings r set next_at = ${leaseUntil},
      window_end = coalesce(r.window_end, greatest(r.read_until,
        least(r.read_until + ${longest}::interval, ${now}::timestamptz - r.delay_seconds * interval '1 second')))
    from due where r.provider = due.provider and r.delay_seconds = due.delay_seconds
    returning r.provider, r.delay_seconds as "delaySeconds", r.read_until as "readUntil", r.window_end as "windowEnd", r.page, r.next_at as "nextAt"`.execute(
    db,
  );
  return rows[0] ?? null;
}

/** Where a reading goes on; a window that has ended has no end any more. Nothing where its lease is over and somebody else has it. */
export async function moveReading(
  db: Kysely<unknown>,
  { provider, delaySeconds, nextAt }: ChargeReading,
  to: { readUntil: Date; windowEnd: Date | null; page: string | null; nextAt: Date },
): Promise<void> {
  await sql`
    update charge_readings set read_until = ${to.readUntil}, window_end = ${to.windowEnd}, page = ${to.page}, next_at = ${to.nextAt}
    where provider = ${provider} and delay_seconds = ${delaySeconds} and next_at = ${nextAt}`.execute(db);
}
