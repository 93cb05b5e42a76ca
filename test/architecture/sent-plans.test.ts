import { readdirSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp, type RunningConfig } from '../../src/app/build-app.js';
import { readConfig } from '../../src/config.js';
import { foldFigures } from '../../src/statistics/fold.queries.js';
import { scale } from '../chaos/scale.js';
import { OPERATION_NAMES, preparedCall } from '../support/ask-operation.js';
import { watchCalls } from '../support/called-functions.js';
import { people } from '../support/contacts.js';
import { generatedPast, OTHER, TENANT } from '../support/generated-months.js';
import { generatedPeople } from '../support/generated-people.js';
import { given, messageIn } from '../support/given.js';
import { World } from '../support/operation-world.js';
import { readOf } from '../support/read-plans.js';
import { statementsWhile, type Statement } from '../support/statements.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { csv, rejectionsOf, upload } from '../support/upload.js';

const MESSAGES = scale(1_000_000, 60_000);
const PATIENCE_MS = scale(570_000, 240_000);
/** On the first days of a month that month is none. */
const LARGE = 8_000;
/** Of tables that are large: a page and what hangs on it. */
const FEW = 2_000;

/** Queries that nothing here sends, each with the reason why it cannot read much. */
const UNSENT: Record<string, string> = {
  'by the key of a contact that an import names, or whose question was not sent': 'deleteOptIn nameContacts',
  'by the primary key of an upload, for one that was broken off': 'takeUpload extendLease releaseUpload chunksOf replaceRejections',
  'by the key of an erasure that was left unfinished': 'erasuresOf finishErasure blankEntries',
  'by the primary key, of an answer that was sent': 'noteAnswer',
  'by the primary key, of the message that another one stands in for': 'deliveredBefore',
  'of no table, or of the catalogue': 'holdCaps currentSnapshot partitionFigures storedParts dropEmptyMonths clockOf',
  'of a table of two rows for each provider': 'countDueReadings takeReading moveReading',
  'of tenants, or by the key of one': 'postponeTurn moveKeptFrom endTurn bringTurnsForward longestRetention',
  'for people at the command line, who have a whole day, table or chain recounted':
    'strayedConsents shortenedChain replaceSealed addRollups tellingsOf rollupsIn deltasIn outlookOf',
  'once a day, of all that is old': 'pruneRollups forgetOldRedactions forgetOldKeys',
};

let run: TestApp;
let client: Client;
let sent: Map<string, Statement>;
let called: Set<string>;
let large: Set<string>;

beforeAll(async () => {
  const callsSoFar = await watchCalls();
  run = await startTestApp({ ROLES: 'api' });
  client = new Client({ connectionString: run.database.url });
  await client.connect();
  const [tenant] = (await client.query<{ id: string }>(`select id from tenants where slug = 'demo'`)).rows;
  // Nobody could read their addresses, so they are somebody else's.
  const others = generatedPeople(10_000).map((statement) => statement.replaceAll(TENANT, OTHER));
  for (const statement of [...generatedPast(MESSAGES, tenant?.id ?? ''), ...others]) await client.query(statement);
  // As the clock would have, all along.
  await foldFigures(run.app.core.db.sql);
  const statements = await statementsWhile(everything);
  sent = new Map(statements.filter(isOurs).map((one) => [one.text, one]));
  called = await callsSoFar();
  await run.app.stop();
  await client.query('analyze');
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples > ${LARGE}`,
  );
  large = new Set(rows.map(({ name }) => name));
}, PATIENCE_MS);
afterAll(async () => {
  await client.end();
  await run.simulator.stop();
  await run.database.drop();
});

/** All that callers, workers, receipts and the clock make the program say to the database. */
async function everything(): Promise<void> {
  const world = await World.make(run, 2);
  for (const name of OPERATION_NAMES) await (await preparedCall(world, name, 3))();
  await lists(world);
  // Only now: what is made for the operations must not move meanwhile.
  const elsewhere = await buildApp(
    readConfig({ ...run.env, ROLES: 'worker,scheduler', PUBLIC_URL: run.url }) as RunningConfig,
    pino({ level: 'silent' }),
  );
  await elsewhere.start();
  await deliveries(run);
  await elsewhere.stop();
}

async function deliveries({ api }: TestApp): Promise<void> {
  const [delivered, failed] = [await given.message(api), await given.message(api, { to: '+15005550001', idempotencyKey: 'once' })];
  await given.message(api, { to: '+15005550001', idempotencyKey: 'once' });
  await Promise.all([messageIn(api, 'DELIVERED', delivered.id), messageIn(api, 'FAILED', failed.id)]);
  await given.delivered(api, { to: '+15005550012' });
  const { body } = await upload(api, csv('to', '+14155550123', 'nobody'), { headers: { 'idempotency-key': 'file' } });
  await (await rejectionsOf(api, body.batchId)).text();
}

/** Agenda's own statements, of a table with a row a job, are not ours to plan; nor is the question for any row of a month, which may be dropped by now. */
const isOurs = ({ text }: Statement): boolean =>
  /^\s*(with|select|update|delete|insert)\b/i.test(text) && !/agenda_jobs|_\d{4}_\d\d"/.test(text);

const FILTERS = [
  { status: ['DELIVERED'] },
  { status: ['READ'] },
  { status: ['UNCONFIRMED'] },
  { channel: ['EMAIL'] },
  { channel: ['WHATSAPP'] },
  { category: ['UTILITY'] },
  { category: ['AUTHENTICATION'] },
  { provider: ['twilio'] },
  { provider: ['simulator'], status: ['FAILED'] },
  { topic: 'news' },
  { topic: 'nothing' },
  { templateCode: 'welcome' },
  { templateCode: 'nothing' },
  { errorKind: ['TIMEOUT'] },
  { errorKind: ['RATE_LIMITED'] },
  { reference: 'ref-2' },
  { to: '+14155620000' },
];

async function lists({ api }: World): Promise<void> {
  for (const filter of FILTERS) {
    const page = `query ($filter: MessageFilter) { messages(filter: $filter, first: 50) { nodes { id } totalCount } }`;
    const last = `query ($filter: MessageFilter) { messages(filter: $filter, last: 50) { nodes { id } } }`;
    await api.query(page, { filter });
    await api.query(last, { filter });
  }
  const { a, b } = { a: await people.contact(api, { phone: '+14155630001' }), b: await people.contact(api, { externalId: 'merged' }) };
  expect((await people.contact(api, { phone: '+14155630001', externalId: 'merged' })).id).toMatch(new RegExp(`${a.id}|${b.id}`));
  await people.contact(api, { phone: '+14155630001', name: 'Renamed' });
  await api.query(`{ batches(first: 3) { nodes { messages(filter: { channel: [SMS] }) { totalCount } } } }`);
  await api.query(
    `{ auditLog(first: 5, action: "key.created", actor: "nobody") { nodes { id } } templates(category: MARKETING) { code } }`,
  );
}

test('no statement reads a large table from end to end, or more of it than a page needs', async () => {
  const found: object[] = [];
  for (const statement of sent.values()) {
    const { whole, rows } = await readOf(client, statement, large);
    if (whole.length > 0 || rows > FEW) found.push({ text: statement.text.replaceAll(/\s+/g, ' ').slice(0, 400), whole, rows });
  }
  expect(found).toEqual([]);
});

test('there are statements, and large tables', () => {
  expect(sent.size).toBeGreaterThan(150);
  expect([...sent.values()].filter(({ isPrepared }) => isPrepared).length).toBeGreaterThan(5);
  expect([...large]).toEqual(expect.arrayContaining(['contacts', 'consents', 'statistic_rollups']));
  for (const table of ['messages', 'message_events', 'webhook_journal'])
    expect([...large].filter((name) => new RegExp(`^${table}_\\d`).test(name)).length, `large months of ${table}`).toBeGreaterThan(1);
});

/** Whatever is not seen here is looked at by one of the tests that plan single queries. */
test('every query of the program is among what was sent, or is planned by a test of its own', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.queries.ts'));
  const planned = ['architecture/query-plans', 'architecture/privacy-plans', 'architecture/people-plans', 'inbox/plans', 'statistics/plans']
    .map((name) => readFileSync(`test/${name}.test.ts`, 'utf8'))
    .join('\n');
  const unsent = Object.values(UNSENT).join(' ');
  const missing = files.flatMap((file) =>
    [...readFileSync(`src/${file}`, 'utf8').matchAll(/^export async function (\w+)/gm)]
      .map(([, name]) => name ?? '')
      .filter((name) => !called.has(`src/${file} ${name}`) && !new RegExp(`\\b${name}\\b`).test(planned + unsent))
      .map((name) => `${file} ${name}`),
  );
  expect(missing).toEqual([]);
});
