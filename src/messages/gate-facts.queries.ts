import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { ConsentState } from '../consent/consent.row.js';
import { UNKNOWN_PERSON, type PersonFacts } from '../consent/policy-facts.js';
import { rowsOf } from '../platform/database/rows.js';
import { idFloor } from '../platform/ids.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { GIVEN_OUT } from './message-status.js';

/** A person as a message sees them. */
export interface Subject {
  tenantId: string;
  /** Of the address. */
  hash: Buffer;
  channel: Channel;
  category: MessageCategory;
  topic: string | null;
}

const SUBJECT_COLUMNS = { n: 'int', tenantId: 'uuid', hash: 'bytea', channel: 'text', category: 'text', topic: 'text' };

/** A row of `personFacts`, as JSON has it. */
export interface FactRow {
  /** Position of the subject. */
  n: number;
  time_zone: string | null;
  language: string | null;
  suppressed_by: string | null;
  state: ConsentState | null;
  expires_at: string | null;
  preference: boolean | null;
  session_until: string | null;
}

const PREFERENCES = {
  column: sql`p.enabled`,
  join: sql`left join lateral (
      select enabled from preferences
      where contact_id = c.id and topic = s.topic and channel = s.channel and tenant_id = s.tenant_id limit 1) p on true`,
};
/** WhatsApp is open to the number that was written from, not to the person. */
const SESSIONS = {
  column: sql`v.session_expires_at`,
  join: sql`left join lateral (
      select session_expires_at from conversations
      where s.channel = 'WHATSAPP' and tenant_id = s.tenant_id and contact_id = c.id and channel = s.channel
        and address_hash = s.hash limit 1) v on true`,
};

/**
 * A row for each subject of whom anything is known. Each part is looked up with `limit 1`, so that the planner goes by the
 * indexes whatever it believes about the sizes: most addresses are found in none of them.
 */
export function personFacts(subjects: readonly Subject[]): RawBuilder<unknown> {
  const asked = subjects.map((subject, n) => ({ ...subject, n }));
  // What no subject asks for is left out: to plan it takes longer than to look it up.
  const preferences = asked.some(({ topic }) => topic !== null) ? PREFERENCES : { column: sql`null::boolean`, join: sql`` };
  const sessions = asked.some(({ channel }) => channel === 'WHATSAPP') ? SESSIONS : { column: sql`null::timestamptz`, join: sql`` };
  return sql`
    select s.n, c.time_zone, c.language, x.source as suppressed_by, k.state, k.expires_at,
      ${preferences.column} as preference, ${sessions.column} as session_until
    from ${rowsOf<Subject & { n: number }>(SUBJECT_COLUMNS, asked, 's')}
    left join lateral (
      select source from suppressions
      where tenant_id = s.tenant_id and address_hash = s.hash and channel = s.channel and category in ('*', s.category)
      order by category limit 1) x on true
    left join lateral (
      select contact_id from contact_identities
      where tenant_id = s.tenant_id and address_hash = s.hash
      order by (channel = s.channel) desc, created_at limit 1) i on true
    left join lateral (select id, time_zone, language from contacts where id = i.contact_id and tenant_id = s.tenant_id limit 1) c on true
    left join lateral (
      select state, expires_at from consents
      where contact_id = c.id and channel = s.channel and category = s.category and tenant_id = s.tenant_id limit 1) k on true
    ${preferences.join} ${sessions.join}
    where x.source is not null or c.id is not null`;
}

/** By subject. */
export function personsOf(count: number, rows: readonly FactRow[]): PersonFacts[] {
  const persons = Array.from({ length: count }, () => UNKNOWN_PERSON);
  for (const row of rows) {
    const known = persons[row.n] ?? UNKNOWN_PERSON;
    persons[row.n] = {
      timeZone: known.timeZone ?? row.time_zone,
      language: known.language ?? row.language,
      suppressedBy: known.suppressedBy ?? row.suppressed_by,
      consent: known.consent ?? (row.state && { state: row.state, expiresAt: dateOf(row.expires_at) }),
      preference: known.preference ?? row.preference,
      cap: null,
      sessionUntil: known.sessionUntil ?? dateOf(row.session_until),
    };
  }
  return persons;
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** Subjects that are looked up in one statement. */
const CHUNK = 2_000;

export async function findPersons(db: Kysely<unknown>, subjects: readonly Subject[]): Promise<PersonFacts[]> {
  const persons: PersonFacts[] = [];
  for (let start = 0; start < subjects.length; start += CHUNK) {
    const some = subjects.slice(start, start + CHUNK);
    const { rows } = await sql<{ people: FactRow[] }>`
      select coalesce((select json_agg(f) from (${personFacts(some)}) f), '[]') as people`.execute(db);
    persons.push(...personsOf(some.length, rows[0]?.people ?? []));
  }
  return persons;
}

/** Messages that count towards a cap: of one person and category, within the cap's time. */
export interface CapQuestion {
  tenantId: string;
  hash: Buffer;
  category: MessageCategory;
  max: number;
  perSeconds: number;
  at: Date;
  /** Of these messages none counts: the one that is asked for, and the one that it stands in for. */
  except: readonly string[];
}

/** A send can be planned for a year ahead. */
const LONGEST_AHEAD_MS = 367 * 86_400_000;

const PENDING = ['SCHEDULED', 'QUEUED'];

/**
 * By question, up to its `max`. `planned` counts those that wait to be sent within the time before or after as well: a
 * claim must not, or messages that wait would hold each other back.
 */
export async function countTowardsCaps(db: Kysely<unknown>, questions: readonly CapQuestion[], planned: boolean): Promise<number[]> {
  if (questions.length === 0) return [];
  const oldest = Math.min(...questions.map(({ at, perSeconds }) => at.getTime() - perSeconds * 1000));
  const asked = questions.map((question, n) => ({ ...question, n }));
  const { rows } = await sql<{ n: number; sent: number }>`
    select q.n, sum(m.sent)::int as sent
    from unnest(
      ${asked.map(({ n }) => n)}::int[], ${asked.map(({ tenantId }) => tenantId)}::uuid[], ${asked.map(({ hash }) => hash)}::bytea[],
      ${asked.map(({ category }) => category)}::text[], ${asked.map(({ max }) => max)}::int[], ${asked.map(({ perSeconds }) => perSeconds)}::int[],
      ${asked.map(({ at }) => at)}::timestamptz[], ${asked.map(({ except }) => except.join(' '))}::text[]
    ) as q (n, tenant_id, to_hash, category, max, per_seconds, at, except_ids)
    cross join lateral (
      select count(*) as sent from (
        select from messages
        where tenant_id = q.tenant_id and to_hash = q.to_hash and category = q.category
          and id >= ${idFloor(new Date(oldest - LONGEST_AHEAD_MS))}::uuid
          and status = any(${planned ? [...PENDING, ...GIVEN_OUT] : GIVEN_OUT}::text[])
          and strpos(q.except_ids, id::text) = 0
          and coalesce(asked_at, due_at) > q.at - make_interval(secs => q.per_seconds)
          and coalesce(asked_at, due_at) < q.at + make_interval(secs => q.per_seconds)
        limit q.max) counted) m
    group by q.n`.execute(db);
  const sent = new Map(rows.map((row) => [row.n, row.sent]));
  return questions.map((_question, n) => sent.get(n) ?? 0);
}
