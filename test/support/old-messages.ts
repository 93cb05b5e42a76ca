import { sql } from 'kysely';
import { MessageAcceptance } from '../../src/messages/accept-messages.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { idFloor, newId } from '../../src/platform/ids.js';
import { messageRow } from './builders.js';
import { eventually } from './eventually.js';
import type { TestApp } from './test-app.js';

const DAY_MS = 86_400_000;

export const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);

/** Messages of a tenant that were accepted so many days ago, with the ids of their time; DELIVERED unless told otherwise. */
export async function acceptedDaysAgo(
  { app }: TestApp,
  tenantId: string,
  ...some: [days: number, overrides?: Partial<MessageRow>][]
): Promise<string[]> {
  const { db } = app.core;
  const nobody = { hint: async () => undefined, publish: () => undefined };
  const rows = some.map(([days, overrides]) => {
    const createdAt = daysAgo(days);
    const id = idFloor(createdAt).slice(0, 14) + newId().slice(14);
    return messageRow({ tenantId, id, createdAt, status: 'DELIVERED', hintAt: null, ...overrides });
  });
  // It may deadlock with what the program does by the clock.
  for (const { createdAt } of rows)
    await eventually(() => sql`select ensure_partitions(${createdAt}::date, ${createdAt}::date)`.execute(db.sql));
  await new MessageAcceptance(db, nobody, nobody).accept({ rows, checks: [], source: 'API', actor: null });
  // Told of when they were accepted, not now.
  for (const { id } of rows)
    await sql`
      update message_events set id = (left(${id}, 14) || substring(id::text from 15))::uuid where message_id = ${id}::uuid`.execute(db.sql);
  return rows.map(({ id }) => id);
}
