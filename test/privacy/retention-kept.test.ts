import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { receiveInto } from '../../src/inbox/conversation.queries.js';
import { idFloor, newId } from '../../src/platform/ids.js';
import { REQUEST_OPT_IN } from '../support/contacts.js';
import { given, readMessage } from '../support/given.js';
import { hears, writes } from '../support/incoming.js';
import { somebodyWaits } from '../support/lock-waits.js';
import { nightIn } from '../support/nights.js';
import { acceptedDaysAgo, daysAgo } from '../support/old-messages.js';
import { rowsOf } from '../support/stored.js';
import type { TestTenant } from '../support/tenants.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
let clinic: TestTenant;
let last = 0;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());
beforeEach(async () => void (clinic = await run.withTenant(`clinic-${last++}`)));

const UPDATE = 'mutation ($input: TenantSettingsInput!) { updateTenant(input: $input) { userErrors { code field } } }';
const update = async (input: object) => (await clinic.admin.mutate(UPDATE, { input })).updateTenant.userErrors;
const left = async (): Promise<string[]> =>
  (await rowsOf<{ id: string }>(run, `select id from messages where tenant_id = '${clinic.id}' order by id`)).map(({ id }) => id);

describe('what is old and still needed', () => {
  test('stays as long as another message stands in for it: that does not go out where the first was delivered', async () => {
    const [first] = await acceptedDaysAgo(run, clinic.id, [200, { channel: 'WHATSAPP' }]);
    const { id } = await given.scheduled(clinic.admin);
    await rowsOf(run, `update messages set fallback_of = '${first}' where id = '${id}'`);
    await rowsOf(run, `update messages set fallback_id = '${id}' where id = '${first}'`);
    await nightIn(run);
    await rowsOf(run, `update messages set due_at = now(), scheduled_for = now(), hint_at = now() where id = '${id}'`);
    await expect.poll(async () => (await readMessage(clinic.admin, id)).status, { timeout: 10_000 }).toBe('SUPPRESSED');
    await nightIn(run, 92);
    await nightIn(run, 93);
    expect(await left()).toEqual([]);
  });

  test('is the question that a YES answers', async () => {
    const phone = '+14155560202';
    await update({ retentionDays: 5 });
    await given.contact(clinic.admin, { phone });
    const input = { contact: { phone }, channel: 'SMS', categories: ['MARKETING'], statement: 'Yes?', validSeconds: 30 * 86_400 };
    expect((await clinic.admin.mutate(REQUEST_OPT_IN, { input })).requestOptIn.userErrors).toEqual([]);
    await expect.poll(() => rowsOf(run, `select from messages where tenant_id = '${clinic.id}' and status = 'DELIVERED'`)).toHaveLength(1);
    await nightIn(run, 7);
    await writes(run, 'YES', { from: phone });
    const consents = async () =>
      (await clinic.admin.query(`{ contact(ref: { phone: "${phone}" }) { consents { category state } } }`)).contact.consents;
    await expect.poll(consents, { timeout: 8_000 }).toContainEqual({ category: 'MARKETING', state: 'GRANTED' });
    // The answer to the answer is a message, too.
    const underWay = `select from messages where tenant_id = '${clinic.id}' and status <> 'DELIVERED'`;
    await expect.poll(() => rowsOf(run, underWay), { timeout: 8_000 }).toEqual([]);
    await nightIn(run, 14);
    expect(await left()).toEqual([]);
  });

  test('is what a cap counts that was longer before there were nights', async () => {
    const cap = JSON.stringify([{ category: 'MARKETING', max: 4, perSeconds: 180 * 86_400 }]);
    await rowsOf(run, `update tenants set frequency_caps = '${cap}' where id = '${clinic.id}'`);
    const [, kept] = await acceptedDaysAgo(run, clinic.id, [182], [178]);
    await nightIn(run);
    expect(await left()).toEqual([kept]);
    expect(await update({ messagingEnabled: false })).toEqual([]);
  });
});

test('what comes in while what came before is deleted is unread', async () => {
  const { id } = await hears(run, 'See you then', { from: '+14155550177' });
  const old = idFloor(daysAgo(100));
  await rowsOf(run, `update inbound_messages set id = '${old}' where id = '${id}'`);
  const [row] = await rowsOf<any>(run, `select * from inbound_messages where id = '${old}'`);
  const place = { tenantId: row.tenant_id, contactId: row.contact_id, channel: 'SMS' as const, addressHash: row.from_hash };
  let night: Promise<void> | undefined;
  await run.app.core.db.transaction(async (tx) => {
    await receiveInto(tx, { id: newId(), ...place, sessionExpiresAt: null, at: new Date() });
    await sql`insert into inbound_messages select (jsonb_populate_record(b, jsonb_build_object('id', ${newId()}::text,
      'provider_message_id', 'SMnew', 'received_at', now()))).* from inbound_messages b where id = ${old}`.execute(tx);
    night = nightIn(run);
    await somebodyWaits(run, 'conversations');
  });
  await night;
  const conversation = `from conversations where id = '${row.conversation_id}'`;
  expect(await rowsOf(run, `select unread_count > 0 as "isUnread" ${conversation}`)).toEqual([{ isUnread: true }]);
  expect(await rowsOf(run, `select from inbound_messages where id = '${old}'`)).toEqual([]);
});

test('what was told by a machine whose clock is minutes behind goes with its message', async () => {
  const [id] = await acceptedDaysAgo(run, clinic.id, [200]);
  const before = idFloor(new Date(daysAgo(200).getTime() - 3 * 60_000)).slice(0, 14);
  await rowsOf(run, `update message_events set id = ('${before}' || substring(id::text from 15))::uuid where message_id = '${id}'`);
  await nightIn(run);
  expect([await left(), await rowsOf(run, `select from message_events where message_id = '${id}'`)]).toEqual([[], []]);
});

test('a tenant cannot keep less than its caps count', async () => {
  const cap = { category: 'MARKETING', max: 1, perSeconds: 30 * 86_400 };
  expect(await update({ frequencyCaps: [cap], retentionDays: 30 })).toEqual([]);
  expect(await update({ retentionDays: 29 })).toEqual([{ code: 'INVALID_INPUT', field: ['retentionDays'] }]);
  const longer = [{ ...cap, perSeconds: cap.perSeconds + 1 }];
  expect(await update({ frequencyCaps: longer })).toEqual([{ code: 'INVALID_INPUT', field: ['frequencyCaps', '0', 'perSeconds'] }]);
});
