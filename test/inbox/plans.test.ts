import type { Transaction } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AnswerWindows } from '../../src/inbox/answer-windows.js';
import { conversationsOfContacts, findConversations, listConversations } from '../../src/inbox/conversation.queries.js';
import { entriesOf } from '../../src/inbox/entries.queries.js';
import { tenantOfAddress } from '../../src/inbox/inbound-tenant.queries.js';
import {
  findInbound,
  hasResumed,
  isStillTheirs,
  isStopped,
  lastInboundOf,
  listInbound,
  senderHistory,
} from '../../src/inbox/inbound.queries.js';
import { generatedMonths, TENANT } from '../support/generated-months.js';
import { generatedPeople } from '../support/generated-people.js';
import { Planner } from '../support/plans.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const PEOPLE = 7_000;
/** Of person 8, who has a conversation. */
const HASH = "decode(md5('to8'), 'hex')";
const CONTACT = "md5('contact8')::uuid";

let database: TestDatabase;
let planner: Planner;
let contactId: string;
let conversationId: string;
let fromHash: Buffer;
let inboundId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  planner = await Planner.connect(database.url);
  for (const statement of [...generatedMonths(30_000), ...generatedPeople(PEOPLE), ...generatedInbox()]) await planner.run(statement);
  const { Client } = await import('pg');
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(`select ${CONTACT} as contact, ${HASH} as hash,
    (select id from conversations where contact_id = ${CONTACT}) as conversation, (select id from inbound_messages limit 1) as inbound`);
  await client.end();
  ({ contact: contactId, conversation: conversationId, hash: fromHash, inbound: inboundId } = rows[0]);
}, 120_000);
afterAll(async () => {
  await planner.close();
  await database.drop();
});

/** Ten messages in each conversation; every hundredth has to be read. */
const generatedInbox = (): string[] => [
  `update conversations set last_activity_at = now() - make_interval(secs => n) from (select id, row_number() over () as n from conversations) o where o.id = conversations.id`,
  `insert into inbound_messages (id, tenant_id, conversation_id, contact_id, channel, provider, provider_message_id, intent, from_hash, received_at, text_hash, review)
   select gen_random_uuid(), v.tenant_id, v.id, v.contact_id, v.channel, 'simulator', v.id || ' ' || n, 'OTHER', i.address_hash, now() - make_interval(mins => n), i.address_hash,
     case when n = 1 and random() < 0.1 then 'NEEDED' end
   from conversations v join contact_identities i on i.contact_id = v.contact_id cross join generate_series(1, 10) n`,
  `insert into answer_windows (id, tenant_id, address_hash, channel, subject, opens_at, closes_at)
   select gen_random_uuid(), '${TENANT}', decode(md5('to' || n), 'hex'), 'SMS', 'appointment', now(), now() + interval '1 day' from generate_series(1, 5000) n`,
  ...['conversations', 'inbound_messages', 'answer_windows'].map((table) => `analyze ${table}`),
];

type Query = (tx: Transaction<unknown>) => Promise<unknown>;
const now = new Date();
const PAGE = { limit: 50, after: null };

const queries: [string, Query][] = [
  ['a conversation', (tx) => findConversations(tx, TENANT, [conversationId])],
  ['the latest conversations', (tx) => listConversations(tx, TENANT, {}, PAGE)],
  ['open conversations', (tx) => listConversations(tx, TENANT, { state: 'OPEN' }, PAGE)],
  ['unread conversations', (tx) => listConversations(tx, TENANT, { unreadOnly: true }, PAGE)],
  ['a further page', (tx) => listConversations(tx, TENANT, {}, { limit: 50, after: { at: now, id: conversationId } })],
  ['those of a contact', (tx) => conversationsOfContacts(tx, TENANT, [contactId], PAGE)],
  ['messages to be read', (tx) => listInbound(tx, TENANT, { reviewNeeded: true, ...PAGE })],
  ['the latest messages', (tx) => listInbound(tx, TENANT, { reviewNeeded: null, ...PAGE })],
  ['a message', (tx) => findInbound(tx, TENANT, [inboundId])],
  ['the last of a conversation', (tx) => lastInboundOf(tx, TENANT, conversationId)],
  [
    'entries',
    (tx) => entriesOf(tx, TENANT, [{ conversationId, channel: 'SMS', addressHash: fromHash }], { ...PAGE, before: null, backwards: true }),
  ],
  ['whose message it is', (tx) => tenantOfAddress(tx, [{ tenantId: TENANT, hash: fromHash }], 'SMS', now)],
  ['an opt-out', (tx) => isStopped(tx, { tenantId: TENANT, fromHash, channel: 'SMS' })],
  ['whether it is still their address', (tx) => isStillTheirs(tx, { tenantId: TENANT, contactId, fromHash })],
  ['whether they came back', (tx) => hasResumed(tx, { tenantId: TENANT, contactId, channel: 'SMS', receivedAt: now })],
  [
    'what a sender wrote before',
    (tx) => {
      const message = { tenantId: TENANT, channel: 'SMS' as const, provider: 'simulator', providerMessageId: 'x', receivedAt: now };
      return senderHistory(tx, { ...message, fromHash, textHash: fromHash });
    },
  ],
  [
    'an open question',
    (tx) => new AnswerWindows(null as never).openFor(tx, { tenantId: TENANT, addressHash: fromHash, channel: 'SMS', at: now }),
  ],
];

test.each(queries)('%s is found by an index', async (_what, query) => {
  const { statements, wholeTables, sortedRows } = await planner.of(query);
  expect(statements).toHaveLength(1);
  const large = wholeTables.filter((table) => /^(messages_|conversations|inbound|contact|answer)/.test(table));
  const filled = large.filter((table) => !table.startsWith('messages_'));
  expect(filled).toEqual([]);
  expect(sortedRows).toBeLessThan(1_000);
});

test('entries finds what came in by its place', async () => {
  const [, query] = queries.find(([what]) => what === 'entries') ?? [];
  expect((await planner.of(query as Query)).indexes).toContain('inbound_messages_place');
});

test.each(['entries', 'whose message it is'])('%s finds what was written to an address by its index', async (name) => {
  const [, query] = queries.find(([what]) => what === name) ?? [];
  expect((await planner.of(query as Query)).indexes).toContain('messages_to');
});
