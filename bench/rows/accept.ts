import type { ChildProcess } from 'node:child_process';
import type { Pool } from 'pg';
import { askPolicy } from '../../src/consent/policy-gate.js';
import { UNKNOWN_PERSON } from '../../src/consent/policy-facts.js';
import { ReadyTemplate } from '../../src/templates/ready-template.js';
import { end, freePort, message, startApi, startHelper } from '../children.js';
import { CpuUse } from '../cpu-use.js';
import { knownPeople } from '../known-people.js';
import { against, amount, compared, measured, reached, multiple, type Result } from '../result.js';
import { graphql, numberOf, openCore, settings, type Stage } from '../stage.js';

const AT_ONCE = 10_000;
const CALLS = 10;
/** Made before those that count. */
const CALLS_BEFORE = 5;
/** As many as ours: of a second alone, one run's figure was by a third another's. */
const BASELINE_CALLS = 10;
/** Calls under way at the same time. */
const CALLERS = 2;
const BODY = 'Your appointment is tomorrow at 09:30.';
const TEMPLATE =
  'Hello {{ name }}, your table for {{ guests }} at {{ restaurant }} is ready at {{ time }}. Code {{ code }}. Reply STOP to opt out.';

const SEND_BULK = `mutation ($input: SendBulkInput!) {
  sendBulk(input: $input) { batch { id } rejected { code message } userErrors { code message } }
}`;
const SAVE_TEMPLATE = `mutation ($input: SaveTemplateInput!) { saveTemplate(input: $input) { userErrors { code message } } }`;
const PLAIN_SEND_BULK = `mutation ($input: SendBulk!) { sendBulk(input: $input) { accepted } }`;

const RECIPIENTS = Array.from({ length: AT_ONCE }, (_, index) => ({ to: numberOf(index) }));

interface Accepted {
  rate: number;
  cpu: Result[];
}

interface Sent {
  sendBulk: { rejected: unknown[]; userErrors: unknown[] };
}

/** sendBulk over HTTP; nothing sends meanwhile. */
export async function accept(stage: Stage): Promise<Result[]> {
  const inTurn = await plain(stage, 1, 2_000);
  const many = await plain(stage, 32, AT_ONCE);
  const floor = await floorOf(stage);
  const { url: databaseUrl, pool, close } = await stage.database();
  const env = settings(stage, databaseUrl);
  const { core, tenantId } = await openCore(env);
  const { child, url } = await startApi(env);
  const { rate: bodies, cpu } = await accepted(url, { name: 'bench', body: BODY, recipients: RECIPIENTS }, { api: child }, pool);
  await knownPeople(pool, core, tenantId, AT_ONCE);
  await core.close();
  await saveTemplate(url);
  const named = RECIPIENTS.map(({ to }, index) => ({ to, variables: variablesOf(index) }));
  const input = { name: 'bench', template: 'table_ready', category: 'MARKETING', recipients: named };
  const { rate: templates } = await accepted(url, input, { api: child }, pool);
  await checkStored(pool, 2 * (CALLS_BEFORE + CALLS) * AT_ONCE);
  await end(child);
  await close();
  const what = 'accept: sendBulk over HTTP, 10,000 recipients a call, one api process';
  return [
    compared(what, 'recipients/s', bodies, { name: 'a loop with one INSERT and one job per recipient', rate: inTurn }, 8),
    against('the same against that loop with 32 recipients at a time on 16 connections', 'recipients/s', bodies, many),
    against(
      'the same against what no acceptor can leave out: numbers read, opt-outs asked for, contents sealed, rows and events in our tables',
      'recipients/s',
      bodies,
      floor.rate,
      `${multiple(floor.rate, inTurn)} the loop`,
    ),
    reached('the same, as a number', bodies, 'recipients/s', 10_000),
    ...cpu,
    ...floor.cpu,
    reached('accept with a template of five variables and each consent checked', templates, 'recipients/s', 5_000),
    measured('of that, the ten rules of the gate', `${amount(gateMicros())} µs a message`),
    measured('of that, rendering the template', `${amount(renderMicros())} µs a message`),
  ];
}

/** One process that does nothing but what the promises force on every implementation, with the same calls. */
async function floorOf(stage: Stage): Promise<Accepted> {
  const { url: databaseUrl, pool, close } = await stage.database();
  const port = String(await freePort());
  const env = settings(stage, databaseUrl, { PORT: port });
  // Makes the tenant.
  await (await openCore(env)).core.close();
  const server = startHelper('accept-floor', env);
  await message(server);
  const input = { name: 'bench', body: BODY, recipients: RECIPIENTS };
  const floor = await accepted(`http://127.0.0.1:${port}`, input, { floor: server }, pool);
  await checkStored(pool, (CALLS_BEFORE + CALLS) * AT_ONCE);
  await end(server);
  await close();
  return floor;
}

/** Each with its event. */
async function checkStored(pool: Pool, count: number): Promise<void> {
  const { rows } = await pool.query<{ messages: string; events: string }>(
    'select (select count(*) from messages) as messages, (select count(*) from message_events) as events',
  );
  const stored = `${rows[0]?.messages} ${rows[0]?.events}`;
  if (stored !== `${count} ${count}`) throw new Error(`messages and events: ${stored} instead of ${count}`);
}

async function accepted(
  url: string,
  input: { recipients: object[] } & Record<string, unknown>,
  program: { api: ChildProcess } | { floor: ChildProcess },
  pool: Pool,
): Promise<Accepted> {
  const call = async (): Promise<void> => {
    const { sendBulk } = await graphql<Sent>(url, SEND_BULK, { input });
    if (sendBulk.userErrors.length > 0 || sendBulk.rejected.length > 0)
      throw new Error(JSON.stringify([...sendBulk.userErrors, ...sendBulk.rejected.slice(0, 2)]));
  };
  await timed(CALLS_BEFORE, AT_ONCE, call);
  const [[name, { pid }] = ['', { pid: undefined }]] = Object.entries(program);
  const cpu = await CpuUse.from({ [name]: [pid], 'the caller': [process.pid] }, pool);
  const rate = await timed(CALLS, AT_ONCE, call);
  const what = name === 'floor' ? 'processor time of what cannot be left out, a recipient' : 'of that, processor time of a recipient';
  return { rate, cpu: await cpu.each(what, CALLS * AT_ONCE) };
}

async function timed(calls: number, recipients: number, call: () => Promise<void>): Promise<number> {
  const began = performance.now();
  let left = calls;
  const caller = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return (calls * recipients * 1000) / (performance.now() - began);
}

async function plain(stage: Stage, atOnce: number, recipientsPerCall: number): Promise<number> {
  const { url: databaseUrl, pool, close } = await stage.database();
  await pool.query(`create table plain_messages (id uuid primary key, to_number text not null, body text not null, status text not null,
    provider_id text, created_at timestamptz not null default now(), updated_at timestamptz not null default now())`);
  await pool.query('create index on plain_messages (status)');
  const port = String(await freePort());
  const server = startHelper('accept-baseline', { DATABASE: databaseUrl, REDIS: stage.redisUrl, PORT: port, AT_ONCE: String(atOnce) });
  await message(server);
  const recipients = Array.from({ length: recipientsPerCall }, (_, index) => ({ to: numberOf(index) }));
  const call = async (some = recipients): Promise<void> =>
    void (await graphql(`http://127.0.0.1:${port}`, PLAIN_SEND_BULK, { input: { body: BODY, recipients: some } }));
  await timed(CALLS_BEFORE, 2_000, () => call(recipients.slice(0, 2_000)));
  const result = await timed(BASELINE_CALLS, recipientsPerCall, call);
  await end(server);
  await close();
  return result;
}

async function saveTemplate(url: string): Promise<void> {
  const { saveTemplate: saved } = await graphql<{ saveTemplate: { userErrors: unknown[] } }>(url, SAVE_TEMPLATE, {
    input: { code: 'table_ready', category: 'MARKETING', translations: [{ language: 'en', body: TEMPLATE }], publish: true },
  });
  if (saved.userErrors.length > 0) throw new Error(JSON.stringify(saved.userErrors));
}

const variablesOf = (index: number): Record<string, unknown> => ({
  name: `Guest ${index}`,
  guests: (index % 8) + 1,
  restaurant: 'The Lighthouse',
  time: '19:30',
  code: String(100_000 + index),
});

/** Microseconds each, of what is asked so often that it is optimised. */
function micros(work: (index: number) => unknown, times: number): number {
  for (let index = 0; index < times / 5; index++) work(index);
  const began = performance.now();
  for (let index = 0; index < times; index++) work(index);
  return ((performance.now() - began) * 1000) / times;
}

const gateMicros = (): number =>
  micros(
    (index) =>
      askPolicy({
        at: new Date(),
        looksAhead: true,
        messagingEnabled: true,
        tenant: {
          messagingEnabled: true,
          allowedCountries: ['US', 'CA'],
          impliedConsent: ['UTILITY'],
          quietHours: { start: '22:00', end: '08:00', categories: ['MARKETING'] },
          timeZone: 'UTC',
        },
        message: { channel: 'SMS', category: 'MARKETING', topic: null, country: 'US', isFreeText: false, expiresAt: null },
        person: {
          ...UNKNOWN_PERSON,
          timeZone: index % 2 ? 'America/New_York' : 'Asia/Kolkata',
          consent: { state: 'GRANTED', expiresAt: null },
        },
        budgets: [],
      }),
    100_000,
  );

function renderMicros(): number {
  const translations = [{ language: 'en', channel: null, subject: null, body: TEMPLATE, mediaUrls: [], providerRefs: {} }];
  const template = new ReadyTemplate('table_ready', 1, { category: 'MARKETING', topic: null, channels: ['SMS'], translations });
  return micros(
    (index) => template.render(['SMS'], variablesOf(index), { language: 'en', tenantLanguage: 'en', timeZone: 'UTC', currency: 'USD' }),
    50_000,
  );
}
