import { sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  chainEnds,
  consentsOf,
  eventsAfter,
  historyOf,
  liftSuppressions,
  suppressionsOf,
  takePlacesOfPeople,
} from '../../src/consent/consent.queries.js';
import { closeOptIns, takeByAddress, takeByToken } from '../../src/consent/opt-in.queries.js';
import { preferencesOf } from '../../src/consent/preference.queries.js';
import { keepStops, liftStops, stopsOf } from '../../src/consent/stops.queries.js';
import {
  contactIdsOf,
  contactsNamed,
  contactsOfHashes,
  findContacts,
  identitiesOf,
  listContacts,
  lockContacts,
  resolveRefs,
  type ContactFilter,
} from '../../src/contacts/contact.queries.js';
import { ownersThen } from '../../src/contacts/former-address.queries.js';
import { generatedPeople, hashOf, idOf, OTHER, TENANT } from '../support/generated-contacts.js';
import { Planner } from '../support/plans.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

type Query = (tx: Transaction<unknown>) => Promise<unknown>;

const PEOPLE = 40_000;
const FEW = PEOPLE / 100;
const PAGE = { limit: 50, after: null };

let database: TestDatabase;
let planner: Planner;
/** Months without a message: of an empty one a scan costs nothing. */
let empty: Set<string>;
const ids = [7, 8, 9].map(idOf);
const hashes = [7, 8, 9].map(hashOf);
beforeAll(async () => {
  database = await createTestDatabase();
  planner = await Planner.connect(database.url);
  for (const statement of generatedPeople(PEOPLE)) await planner.run(statement);
  await planner.of(async (tx) => {
    const { rows } = await sql<{ name: string }>`
      select relname as name from pg_class where relkind = 'r' and relname like 'messages_%' and reltuples = 0`.execute(tx);
    empty = new Set(rows.map(({ name }) => name));
  });
}, 120_000);
afterAll(async () => {
  await planner.close();
  await database.drop();
});

/** No table of people is read from end to end, and no more than a few rows are sorted. */
async function expectFewRead(query: Query): Promise<void> {
  const plan = await planner.of(query);
  expect(plan.statements.length).toBeGreaterThan(0);
  const read = plan.wholeTables.filter((table) => !empty.has(table));
  expect({ read, sorted: plan.sortedRows > FEW }).toEqual({ read: [], sorted: false });
}

describe('a page of contacts', () => {
  test.each<[string, ContactFilter]>([
    ['', {}],
    ['found by a search', { search: { hashes, externalIds: ['E77', 'E77 '] } }],
    ['of an externalId', { externalId: 'E77' }],
    ['of a number', { phoneHashes: hashes }],
    ['who withdrew', { consent: 'WITHDRAWN' }],
    ['who agreed on a channel', { consent: 'GRANTED', channel: 'SMS' }],
    ['who said nothing', { consent: 'NONE' }],
    ['with an address on a channel', { channel: 'EMAIL' }],
  ])('%s is found by an index', async (_what, filter) => {
    await expectFewRead((tx) => listContacts(tx, TENANT, filter, PAGE));
    await expectFewRead((tx) => listContacts(tx, TENANT, filter, { limit: 50, after: idOf(20_000) }));
    await expectFewRead((tx) => listContacts(tx, OTHER, filter, PAGE));
  });
});

describe('everything of a person', () => {
  test.each<[string, Query]>([
    ['who has an address', (tx) => contactIdsOf(tx, TENANT, { externalId: 'E7', addresses: [{ hash: hashOf(7), scope: '' }] })],
    ['who is named in a file', (tx) => contactsNamed(tx, TENANT, ['E7', 'E8'], hashes)],
    ['whose a message is', (tx) => contactsOfHashes(tx, TENANT, hashes)],
    ['who is meant', (tx) => resolveRefs(tx, TENANT, [{ position: 0, id: idOf(7), externalId: 'E8', addressHash: hashOf(9) }])],
    ['whose an address was', (tx) => ownersThen(tx, TENANT, [{ addressHash: hashOf(7), at: new Date() }])],
    ['the contact', (tx) => findContacts(tx, TENANT, ids)],
    ['the lock', (tx) => lockContacts(tx, TENANT, ids)],
    ['the addresses', (tx) => identitiesOf(tx, TENANT, ids)],
    ['the places of all addresses', (tx) => takePlacesOfPeople(tx, TENANT, hashes)],
    ['the consents', (tx) => consentsOf(tx, TENANT, ids)],
    ['the end of the history', (tx) => chainEnds(tx, TENANT, ids)],
    ['the history', (tx) => historyOf(tx, TENANT, ids)],
    ['the preferences', (tx) => preferencesOf(tx, TENANT, ids)],
    ['what must not be sent', (tx) => suppressionsOf(tx, TENANT, hashes)],
    ['what is lifted', (tx) => liftSuppressions(tx, TENANT, hashes, { channels: ['SMS'], categories: null, own: true })],
    ['what they have stopped', (tx) => stopsOf(tx, TENANT, idOf(7))],
    ['what STOP adds to that', (tx) => keepStops(tx, TENANT, ids, 'SMS')],
    ['what START lifts of that', (tx) => liftStops(tx, TENANT, idOf(7), 'SMS')],
    ['the open question', (tx) => takeByAddress(tx, TENANT, hashOf(7), 'SMS', new Date())],
    ['the closed questions', (tx) => closeOptIns(tx, TENANT, hashes, ['SMS'], new Date())],
    ['the question of a link', (tx) => takeByToken(tx, TENANT, hashOf(7), new Date())],
    ['a page of all histories', (tx) => eventsAfter(tx, TENANT, { contactId: idOf(300), sequence: 1 }, 100)],
  ])('%s is found by an index', async (_what, query) => expectFewRead(query));
});
