import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApiSchema } from '../../src/app/build-schema.js';
import { RESOLVERS } from '../../src/app/resolvers.js';
import { eventually } from '../support/eventually.js';
import { given, messageIn, readMessage } from '../support/given.js';
import type { TestApi, TestSubscription } from '../support/gql.js';
import { conversationWith } from '../support/incoming.js';
import { idPlaces, operationAt, type IdPlace } from '../support/id-places.js';
import { onMessage } from '../support/operations.js';
import { people } from '../support/contacts.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestTenant } from '../support/tenants.js';

/** How the fields of other types are reached, from something of the caller's own. */
const REACHED: Record<string, (own: Own) => string> = {
  Batch: ({ batchId }) => `batch(id: "${batchId}")`,
  Contact: ({ contactId }) => `contact(ref: { id: "${contactId}" })`,
  Conversation: ({ conversationId }) => `conversation(id: "${conversationId}")`,
};
/** Where an id is taken and, as documented, not used. */
const UNUSED = ['Batch.messages.filter.batchId'];

interface Own {
  batchId: string;
  contactId: string;
  conversationId: string;
  inboundId: string;
}

interface Pair {
  real: string;
  unknown: string;
}

const schema = await buildApiSchema({ resolvers: [...RESOLVERS], instances: new Map(RESOLVERS.map((type) => [type, {}])) });
const places = idPlaces(schema);
/** What leaves nothing to ask for comes last. */
const asked = places
  .filter(({ owner }) => owner !== 'Subscription')
  .toSorted((a, b) => Number(a.name.startsWith('erase')) - Number(b.name.startsWith('erase')));
const streamed = places.filter(({ owner }) => owner === 'Subscription');

let run: TestApp;
let owner: TestTenant;
let stranger: TestTenant;
/** What the tenants have to reach nested fields through. */
let ownerHas: Own;
let strangerHas: Own;
/** A dead letter of the owner's batch, to the owner's contact; retrying it makes events under all of its ids. */
let failedId: string;
/** Ids of the owner in the forms that an argument takes, each with one that nobody has. */
let ids: Record<'plain' | 'cursor' | 'subject', Pair[]>;
/** None of these may ever be read by the stranger. */
let secrets: string[];

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const decode = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();
const idsFor = ({ argument: { name } }: IdPlace): Pair[] =>
  ids[name === 'after' || name === 'before' ? 'cursor' : name === 'subject' ? 'subject' : 'plain'];
/** Differs in the last digit, so that it sorts in the same place. */
const nobodys = (id: string): string => id.slice(0, -1) + (id.endsWith('f') ? 'e' : 'f');

beforeAll(async () => {
  run = await startTestApp();
  [owner, stranger] = await Promise.all([run.withTenant('owner'), run.withTenant('stranger')]);
  const own = async ({ admin }: TestTenant, phone: string): Promise<Own> => {
    const written = await conversationWith(run, admin, phone);
    return {
      batchId: (await given.batch(admin, { recipients: [{ to: '+15005550001' }] })).id,
      contactId: (await people.contact(admin, { phone: '+15005550001' })).id,
      conversationId: written.conversation.id,
      inboundId: written.id,
    };
  };
  [ownerHas, strangerHas] = await Promise.all([own(owner, '+14155550171'), own(stranger, '+14155550172')]);
  await Promise.all([
    given.delivered(stranger.admin),
    given.scheduled(stranger.admin),
    given.delivered(owner.admin),
    given.scheduled(owner.admin),
  ]);
  await Promise.all([completed(owner.admin, ownerHas), completed(stranger.admin, strangerHas)]);
  failedId = (await rowsOfTenant('messages', `batch_id = '${ownerHas.batchId}'`))[0]!.id;
  const { events } = await readMessage(owner.admin, failedId);
  const [messages, keys, audit] = await Promise.all([rowsOfTenant('messages'), rowsOfTenant('api_keys'), rowsOfTenant('audit_entries')]);
  const others = messages.filter(({ id }) => id !== failedId).slice(0, 1);
  const plain = [...others, ...keys.slice(0, 1), ...audit.slice(0, 1)].map(({ id }) => id);
  plain.push(failedId, ...Object.values(ownerHas), owner.id, events[0].id);
  const positions = events.slice(0, 2).map(({ cursor }: any) => decode(cursor));
  positions.push(`${Date.now()} ${ownerHas.conversationId}`);
  const pairs = (texts: string[], written = (text: string) => text): Pair[] =>
    texts.map((text) => ({ real: written(text), unknown: written(nobodys(text)) }));
  ids = { plain: pairs(plain), cursor: pairs([...plain, ...positions], encode), subject: pairs(plain, (id) => `apiKey:${id}`) };
  secrets = [...plain, ...events.map(({ id }: any) => id)];
});
afterAll(() => run.stop());

const completed = (api: TestApi, { batchId }: Own): Promise<void> =>
  eventually(async () => {
    const { batch } = await api.query('query ($id: ID!) { batch(id: $id) { status } }', { id: batchId });
    if (batch.status !== 'COMPLETED') throw new Error(`The batch is ${batch.status}.`);
  }, 10_000);

const rowsOfTenant = (table: string, where = 'true'): Promise<{ id: string }[]> =>
  rowsOf(run, `select id from ${table} where tenant_id = '${owner.id}' and ${where} order by id`);

/** Every row of the owner, in every table that has tenants. Statistics and last_used_at are written by jobs, whoever asks. */
async function snapshot(): Promise<unknown> {
  const tables = await rowsOf<{ table_name: string }>(
    run,
    `select c.table_name from information_schema.columns c join pg_class t on t.relname = c.table_name and not t.relispartition
     where c.table_schema = 'public' and c.column_name = 'tenant_id' and c.table_name not like 'statistic%' order by 1`,
  );
  expect(tables.map(({ table_name }) => table_name)).toEqual(
    expect.arrayContaining(['api_keys', 'audit_entries', 'batches', 'consents', 'contacts', 'message_events', 'messages']),
  );
  const statements = [
    `select to_jsonb(t) from tenants t where id = '${owner.id}'`,
    `select b.id, (select count(*) from messages m where m.batch_id = b.id) from batches b where tenant_id = '${owner.id}'`,
    ...tables.map(
      ({ table_name }) => `select to_jsonb(t) - 'last_used_at' as row from ${table_name} t where tenant_id = '${owner.id}' order by 1`,
    ),
  ];
  return Promise.all(statements.map((statement) => rowsOf(run, statement)));
}

/** What `api` is answered at that place. */
async function answer(api: TestApi, place: IdPlace, id: string, has: Own): Promise<string> {
  const { document, variables } = operationAt(place, id, REACHED[place.owner]?.(has));
  const { data, errors } = await api.execute(document, variables);
  const told = JSON.stringify({ data, errors: errors?.map(({ message, extensions }) => [message, extensions.code]) });
  // What was asked for comes back with a refusal (`rejected`), and what was made has an id and a time of its own: neither tells anything.
  const known = told.replaceAll(`"to":"${id}"`, '"to":""');
  if (place.owner !== 'Mutation') return known;
  return known.replace(/"(?:id|createdAt|completedAt)":"([^"]*)"/g, (pair, value: string) => (secrets.includes(value) ? pair : '""'));
}

test('every place that takes an id can be asked', () => {
  const roots = ['Query', 'Mutation', 'Subscription'];
  expect(places.filter((place) => !roots.includes(place.owner) && !REACHED[place.owner])).toEqual([]);
  expect(places.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['message.id', 'messages.filter.batchId', 'batchProgress.id', 'revokeApiKey.id']),
  );
});

describe('a stranger', () => {
  test('is answered as for an id that nobody has, wherever an id of another tenant is given, and changes nothing', async () => {
    const before = await snapshot();
    const check = async (place: IdPlace, { real, unknown }: Pair): Promise<void> => {
      const [toReal, toUnknown] = await Promise.all([real, unknown].map((id) => answer(stranger.admin, place, id, strangerHas)));
      const told = secrets.filter((secret) => toReal?.includes(secret));
      expect({ place: place.name, id: real, answer: toReal, told }).toEqual({ place: place.name, id: real, answer: toUnknown, told: [] });
    };
    for (const place of asked) await Promise.all(idsFor(place).map((pair) => check(place, pair)));
    expect(await snapshot()).toEqual(before);
  });

  test('hears nothing of another tenant, wherever its ids are given', async () => {
    const heard = await listen(stranger, async () => {
      await given.delivered(stranger.admin);
      await retryFailed();
    });
    for (const [place, pairs] of heard)
      for (const { id, real, unknown } of pairs) expect({ place, id, heard: real }).toEqual({ place, id, heard: unknown });
    const everything = JSON.stringify([...heard]);
    expect(everything).toContain('DELIVERED');
    expect(secrets.filter((secret) => everything.includes(`"messageId":"${secret}"`))).toEqual([]);
  });

  test('finds nothing of another tenant in any list', async () => {
    const lists = await stranger.admin.query(
      `{ messages { nodes { id contact { id } } totalCount } conversations { nodes { id contact { id } entries { nodes { __typename } } } } inboundMessages { nodes { id conversation { id } } } contacts { nodes { id conversations { nodes { id } } identities { address } messages { nodes { id } } } totalCount } batches { nodes { id } } apiKeys { id } auditLog { nodes { id subject } } viewer { tenant { id } } }`,
    );
    expect(lists.messages.totalCount).toBeGreaterThan(0);
    expect(secrets.filter((secret) => JSON.stringify(lists).includes(secret))).toEqual([]);
  });
});

/** Otherwise the tests above would also pass if an id were of no effect at all. */
describe('the owner', () => {
  test.each(streamed)('is told something else for one id than for another at $name', async ({ name }) => {
    const heard = await heardByOwner();
    const pairs = heard.get(name) ?? [];
    expect(new Set(pairs.flatMap(({ real, unknown }) => [JSON.stringify(real), JSON.stringify(unknown)])).size).toBeGreaterThan(1);
  });

  test.each(asked.filter(({ name }) => !UNUSED.includes(name)))(
    'is answered something else for one id than for another at $name',
    async (place) => {
      await messageIn(owner.admin, 'FAILED', failedId);
      const answers = await Promise.all(idsFor(place).map(({ real }) => answer(owner.admin, place, real, ownerHas)));
      expect(new Set(answers).size).toBeGreaterThan(1);
    },
  );
});

async function retryFailed(): Promise<void> {
  await owner.admin.mutate(onMessage('retryMessage'), { id: failedId });
  await messageIn(owner.admin, 'FAILED', failedId);
}

let owners: ReturnType<typeof listen> | undefined;
const heardByOwner = () => (owners ??= listen(owner, retryFailed));

type Heard = Map<string, { id: string; real: unknown[]; unknown: unknown[] }[]>;

/** What the tenant's subscriptions at every place hear of what happens meanwhile. */
async function listen({ admin }: TestTenant, happens: () => Promise<void>): Promise<Heard> {
  const open: TestSubscription<unknown>[] = [];
  const subscribe = async (place: IdPlace, id: string): Promise<unknown[]> => {
    const { document, variables } = operationAt(place, id);
    const subscription = admin.subscribe(document, variables);
    open.push(subscription);
    const events: unknown[] = [];
    void (async () => {
      for (;;) events.push(withoutPlace(await subscription.next(60_000)));
    })().catch((error: Error) => events.push(error.message.replace(/"requestId":"[^"]*"/, '')));
    await subscription.connected;
    return events;
  };
  const heard = await Promise.all(
    streamed.map(async (place) => {
      const pairs = idsFor(place).map(async ({ real, unknown }) => ({
        id: real,
        real: await subscribe(place, real),
        unknown: await subscribe(place, unknown),
      }));
      return [place.name, await Promise.all(pairs)] as const;
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  await happens();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const copy = structuredClone(new Map(heard));
  await Promise.all(open.map((subscription) => subscription.close()));
  return copy;
}

/**
 * A cursor tells how far the reader's process has read, and the message how it is by now; a window of statistics moves on with
 * the clock. All three may differ between equal subscribers.
 */
const withoutPlace = (event: unknown): unknown =>
  JSON.parse(
    JSON.stringify(event, (key, value: unknown) => (key === 'cursor' || key === 'message' || isWindow(key, value) ? undefined : value)),
  );

const isWindow = (key: string, value: unknown): boolean => (key === 'from' || key === 'to') && /^\d{4}-\d\d-\d\dT/.test(String(value));
