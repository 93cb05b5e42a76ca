import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nextNight } from '../../src/privacy/retention.js';
import { given, NUMBER, readMessage } from '../support/given.js';
import { hears, inbound } from '../support/incoming.js';
import { acceptedDaysAgo, daysAgo } from '../support/old-messages.js';
import { keepMonths, nightIn } from '../support/nights.js';
import { SEND } from '../support/operations.js';
import { rowsOf } from '../support/stored.js';
import type { TestTenant } from '../support/tenants.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, rejectionsOf, upload } from '../support/upload.js';

let run: TestApp;
let clinic: TestTenant;
let last = 0;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());
beforeEach(async () => void (clinic = await run.withTenant(`clinic-${last++}`)));

const keeps = (days: number, tenant = clinic) =>
  tenant.admin.mutate('mutation ($input: TenantSettingsInput!) { updateTenant(input: $input) { userErrors { message field } } }', {
    input: { retentionDays: days },
  });

const night = (days?: number, turnMs?: number): Promise<void> => nightIn(run, days, turnMs);

const left = async (tenant = clinic): Promise<string[]> =>
  (await rowsOf<{ id: string }>(run, `select id from messages where tenant_id = '${tenant.id}' order by id`)).map(({ id }) => id);

const about = async (ids: readonly string[]): Promise<Record<string, number> | undefined> => {
  const among = `message_id in (${ids.map((id) => `'${id}'`).join(', ')})`;
  return (
    await rowsOf<Record<string, number>>(
      run,
      `select (select count(*)::int from message_events where ${among}) as events, (select count(*)::int from webhook_journal where ${among}) as receipts`,
    )
  )[0];
};

const audited = (): Promise<{ detail: Record<string, number> }[]> =>
  rowsOf(run, `select detail from audit_entries where action = 'messages.deleted' and tenant_id = '${clinic.id}' order by id`);

describe('what a tenant keeps no longer', () => {
  test('is deleted with its events and receipts, and the audit log tells how much', async () => {
    const message = await given.delivered(clinic.admin);
    expect(await about([message.id])).toMatchObject({ events: expect.toSatisfy((n) => n >= 4), receipts: expect.toSatisfy((n) => n >= 1) });
    await night(92);
    expect([await left(), await about([message.id])]).toEqual([[], { events: 0, receipts: 0 }]);
    expect(await audited()).toEqual([{ detail: { messages: 1, inboundMessages: 0, retentionDays: 90 } }]);
    expect(await readMessage(clinic.admin, message.id)).toBeNull();
  });

  test('stays in the statistics and in the counts of its batch', async () => {
    const { id } = await given.batch(clinic.admin);
    const figures = `{ statistics(range: { from: "${daysAgo(1).toISOString()}", to: "${daysAgo(-1).toISOString()}" }) { total }
      batch(id: "${id}") { counts { status count } messages { nodes { id } } } }`;
    await expect.poll(async () => (await clinic.admin.query(figures)).batch.counts).toEqual([{ status: 'DELIVERED', count: 1 }]);
    await expect.poll(async () => rowsOf(run, `select from messages where batch_id = '${id}' and status = 'DELIVERED'`)).toHaveLength(1);
    await night(92);
    expect(await clinic.admin.query(figures)).toEqual({
      statistics: { total: 1 },
      batch: { counts: [{ status: 'DELIVERED', count: 1 }], messages: { nodes: [] } },
    });
  });

  test('is told by retentionDays of each tenant', async () => {
    const other = await run.withTenant(`other-${last}`);
    await keeps(30);
    const [, kept] = await acceptedDaysAgo(run, clinic.id, [32], [28]);
    const [first, second] = await acceptedDaysAgo(run, other.id, [32], [89], [92]);
    await night();
    expect([await left(), await left(other)]).toEqual([[kept], [second, first]]);
  });

  test('is not what waits, or is with a provider, however old', async () => {
    const statuses = ['SCHEDULED', 'QUEUED', 'SENDING', 'UNCONFIRMED'] as const;
    const far = daysAgo(-300);
    const waiting = { dueAt: far, scheduledFor: far, leaseUntil: far };
    const ids = await acceptedDaysAgo(run, clinic.id, ...statuses.map((status): [number, object] => [200, { status, ...waiting }]));
    await night();
    expect(await left()).toEqual(ids.toSorted());
  });

  test('is not what something has happened to since', async () => {
    const [read, other] = await acceptedDaysAgo(run, clinic.id, [200, { status: 'SENT', provider: 'simulator' }], [200]);
    const receipt = { messageId: read, attempt: 1, providerMessageId: 'SM1', status: 'READ', dedupeKey: 'SM1 read', error: null };
    const webhook = { provider: 'simulator', rawBody: 'x', receipts: [receipt as never], incoming: [], receivedAt: new Date() };
    await run.app.core.intake.add(webhook);
    expect(other).toBeDefined();
    await night();
    expect(await left()).toEqual([read]);
    await night(92);
    expect(await left()).toEqual([]);
  });

  test('is what people wrote, too, but for what may be an opt-out that nobody has read', async () => {
    await run.app.core.retention.outlook();
    const [plain, unclear] = [await hears(run, 'See you then'), await hears(run, 'please no more of this stop it')];
    await rowsOf(run, `update inbound_messages set review = 'NEEDED' where id = '${unclear.id}'`);
    await night(92);
    expect((await inbound(run)).map(({ id }) => id)).toEqual([unclear.id]);
    const journal = await rowsOf(run, `select from webhook_journal where provider_message_id = '${plain.providerMessageId}'`);
    expect(journal).toEqual([]);
    await rowsOf(run, `delete from inbound_messages`);
  });

  test('is what refused lines of uploads say; their numbers and codes stay', async () => {
    const { body } = await upload(clinic.admin, csv('to', NUMBER, '+15005', 'nobody'));
    await expect
      .poll(async () => rowsOf(run, `select from messages where batch_id = '${body.batchId}' and status = 'DELIVERED'`))
      .toHaveLength(1);
    await night(92);
    const lines = (await (await rejectionsOf(clinic.admin, body.batchId)).text()).trim().split('\n');
    expect(lines.join()).not.toMatch(/15005|nobody/);
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 1))).toEqual([['3'], ['4']]);
    expect(lines.join()).toContain('INVALID_PHONE_NUMBER');
  });

  test('are webhooks about nothing that is known', async () => {
    const receipt = { messageId: null, attempt: null, providerMessageId: 'SM404', status: 'READ', dedupeKey: 'SM404 read', error: null };
    await run.app.core.intake.add({
      provider: 'simulator',
      rawBody: 'x',
      receipts: [receipt as never],
      incoming: [],
      receivedAt: new Date(),
    });
    const stored = () => rowsOf(run, `select from webhook_journal where provider_message_id = 'SM404'`);
    await night(4_000);
    expect(await stored()).toHaveLength(1);
    await rowsOf(run, `update webhook_journal set state = 'UNKNOWN' where provider_message_id = 'SM404'`);
    await night(4_000);
    expect(await stored()).toEqual([]);
  });
});

describe('a run', () => {
  test('that broke off goes on where it was, and is audited once', async () => {
    await acceptedDaysAgo(run, clinic.id, ...Array.from({ length: 1_100 }, (): [number] => [200]));
    await night(0, -1);
    expect([(await left()).length, await audited()]).toEqual([600, []]);
    await run.app.core.retention.run(new Date(Date.now() + 60_000), -1);
    await run.app.core.retention.run(new Date(Date.now() + 60_000));
    expect([(await left()).length, await audited()]).toEqual([0, [{ detail: { messages: 1_100, inboundMessages: 0, retentionDays: 90 } }]]);
  });

  test('that two processes begin at once deletes and counts everything once', async () => {
    await acceptedDaysAgo(run, clinic.id, ...Array.from({ length: 600 }, (): [number] => [200]));
    await Promise.all([night(), night()]);
    await expect.poll(async () => (await left()).length).toBe(0);
    expect((await audited()).reduce((sum, { detail }) => sum + (detail['messages'] ?? 0), 0)).toBe(600);
  });

  test('that has nothing to delete leaves no trace', async () => {
    const [id] = await acceptedDaysAgo(run, clinic.id, [2]);
    await night();
    expect([await left(), await audited()]).toEqual([[id], []]);
  });

  test('leaves lists and their counts equal, also where an old message still lives', async () => {
    await keeps(10);
    await acceptedDaysAgo(run, clinic.id, [50], [40, { channel: 'WHATSAPP' }], [11.5], [3], [2, { channel: 'WHATSAPP' }]);
    await acceptedDaysAgo(run, clinic.id, [60, { status: 'SCHEDULED', dueAt: daysAgo(-9) }]);
    await night();
    for (const [filter, count] of [
      ['', 3],
      ['(filter: { channel: [SMS] })', 2],
      ['(filter: { channel: [WHATSAPP] })', 1],
    ] as const) {
      const { messages } = await clinic.admin.query(`{ messages${filter} { totalCount nodes { id } } }`);
      expect([filter, messages.totalCount, messages.nodes.length]).toEqual([filter, count, count]);
    }
  });

  test('drops the months that are left without a row, and no others', async () => {
    await acceptedDaysAgo(run, clinic.id, [400], [440, { status: 'SCHEDULED', dueAt: daysAgo(-9) }]);
    const months = async (): Promise<string[]> =>
      (await rowsOf<{ name: string }>(run, `select relname as name from pg_class where relname ~ '^messages_\\d' and relkind = 'r'`)).map(
        ({ name }) => name,
      );
    const [empty, full] = [400, 440].map((days) => `messages_${daysAgo(days).toISOString().slice(0, 7).replace('-', '_')}`);
    expect(await months()).toEqual(expect.arrayContaining([empty, full]));
    await night();
    await keepMonths(run);
    expect(await months()).toContain(full);
    expect(await months()).not.toContain(empty);
    expect(await months()).toContain(`messages_${new Date().toISOString().slice(0, 7).replace('-', '_')}`);
  });

  test('takes no month that somebody is just reading, and tells so', async () => {
    await acceptedDaysAgo(run, clinic.id, [800]);
    await run.app.core.db.transaction(async (tx) => {
      await tx
        .selectFrom('messages' as never)
        .select(({ fn }) => fn.countAll().as('count'))
        .execute();
      await night();
      await expect(keepMonths(run)).rejects.toThrow(/could not be dropped/);
    });
    expect(await left()).toEqual([]);
    await keepMonths(run);
    expect(
      await rowsOf(run, `select from pg_class where relname = 'messages_${daysAgo(800).toISOString().slice(0, 7).replace('-', '_')}'`),
    ).toEqual([]);
  });
});

test('a send that is repeated after its message was deleted sends nothing', async () => {
  const input = { to: NUMBER, body: 'Hello', idempotencyKey: 'once' };
  const { id } = await given.delivered(clinic.admin, input);
  await night(92);
  const taken = run.simulator.takenTotal();
  const { sendMessage } = await clinic.admin.mutate(SEND, { input });
  expect(sendMessage).toMatchObject({ duplicate: true, message: null, userErrors: [] });
  expect([id === undefined, await left(), run.simulator.takenTotal()]).toEqual([false, [], taken]);
});

test.each([
  ['the same day', '2026-11-22T00:30:00Z', 'UTC', '2026-11-22T02:00:00Z'],
  ['the next day', '2026-11-22T02:00:00Z', 'UTC', '2026-11-23T02:00:00Z'],
  ['east of Greenwich', '2026-11-22T23:30:00Z', 'Asia/Kolkata', '2026-11-23T20:30:00Z'],
  ['at the end of a year', '2026-12-31T12:00:00Z', 'UTC', '2027-01-01T02:00:00Z'],
  ['where clocks go over it', '2026-03-29T00:00:00Z', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
])('the night comes at 02:00 there: %s', (_name, now, timeZone, expected) => {
  expect(nextNight(new Date(now), timeZone)).toEqual(new Date(expected));
});
