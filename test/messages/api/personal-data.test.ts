import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../../src/platform/logging/logger.js';
import { eventually } from '../../support/eventually.js';
import { given, inSeconds, messageIn, readMessage } from '../../support/given.js';
import { CHANGED, onBatch, onMessage, PROGRESS, RETRY_FAILED, SEND, SEND_BULK } from '../../support/operations.js';
import { rowsOf } from '../../support/stored.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** National parts of the numbers, and words of the texts: what must not be found anywhere. */
const PRIVATE =
  '4155550161 4155550162 4155550163 4155550164 0112345678 112345678 5005550001 5005550010 5005550012 5005550016 ' +
  'Haemoglobin diagnosis سرطان private-scan unbalanced';
const [SMS, WHATSAPP, BULK, LISTED] = ['+14155550161', '+14155550162', '+14155550163', '+14155550164'] as const;
const BODY = 'Haemoglobin 9.1, diagnosis attached: سرطان';
const MEDIA = ['https://example.com/private-scan.jpg'];

/** As the program logs, and as it would without the masking of whole lines. */
const logged: Record<'masked' | 'raw', string[]> = { masked: [], raw: [] };
const into = (lines: string[]) => ({ write: (line: string) => void lines.push(line) });

let run: TestApp;
let raw: TestApp;
beforeAll(async () => {
  run = await startTestApp({ MAX_ATTEMPTS: '2', LOG_LEVEL: 'trace' }, createLogger({ level: 'trace', destination: into(logged.masked) }));
  raw = await startTestApp({ MAX_ATTEMPTS: '2', LOG_LEVEL: 'trace' }, pino({ level: 'trace' }, into(logged.raw)));
  await Promise.all([everything(run), everything(raw)]);
});
afterAll(() => Promise.all([run.stop(), raw.stop()]));

/** Every operation, with input that succeeds and input that fails. */
async function everything(app: TestApp): Promise<void> {
  const { api } = app;
  await given.session(app, [WHATSAPP, '+15005550001']);
  const subscriptions = [
    api.subscribe(CHANGED, { filter: { to: SMS } }),
    api.subscribe(CHANGED, { after: SMS }),
    api.subscribe(PROGRESS, { id: SMS }),
  ];
  await subscriptions[0]?.connected;
  const content = { body: BODY, mediaUrls: MEDIA };
  const { id } = await given.delivered(api, { to: SMS, ...content, idempotencyKey: 'once' });
  await api.execute(SEND, { input: { to: SMS, ...content, idempotencyKey: 'once' } });
  await api.execute(SEND, { input: { to: WHATSAPP, ...content, idempotencyKey: 'once' } });
  await given.message(api, { to: WHATSAPP, ...content, channels: ['WHATSAPP'], immediate: true });
  await mishaps(app, content);
  await wrongInput(app);
  const failed = await given.failed(api, { to: '+15005550001', ...content, channels: ['SMS', 'WHATSAPP'], reference: 'fallback' });
  for (const operation of ['cancelMessage', 'retryMessage', 'refreshMessageStatus'])
    for (const subject of [id, failed.id, SMS]) await api.execute(onMessage(operation), { id: subject });
  await api.execute(RETRY_FAILED, { filter: { to: SMS, reference: BODY } });
  const recipients = [{ to: BULK }, { to: LISTED, reference: 'x'.repeat(256) }, { to: '0112345678' }, { to: '+966112345678' }];
  const batch = await given.batch(api, { name: 'Results', recipients, body: BODY, sendAt: inSeconds(0.5), idempotencyKey: 'bulk' });
  await api.execute(SEND_BULK, { input: { name: 'Results', recipients, body: 'Haemoglobin', idempotencyKey: 'bulk' } });
  for (const operation of ['pauseBatch', 'resumeBatch', 'cancelBatch'])
    for (const subject of [batch.id, BULK]) await api.execute(onBatch(operation), { id: subject });
  for (const query of [
    `{ messages(filter: { to: "${SMS}" }) { nodes { to body } } }`,
    `{ message(id: "${SMS}") { to } }`,
    `{ analyzeText(text: "${BODY}") { segments } }`,
  ])
    await api.execute(query);
  await webhooks(app, id);
  await Promise.all(subscriptions.map((subscription) => subscription.close()));
}

/** Providers that are down, late or never answer. */
async function mishaps({ api, app }: TestApp, content: object): Promise<void> {
  const ids = ['+15005550010', '+15005550012', '+15005550016'].map(
    async (to) => (await given.message(api, { to, ...content })).id as string,
  );
  const [late, down, silent] = await Promise.all(ids);
  await Promise.all([messageIn(api, 'DELIVERED', late!), messageIn(api, 'FAILED', down!), messageIn(api, 'UNCONFIRMED', silent!)]);
  const { queues } = app.core;
  await queues.hint([{ tenantId: late!, lane: 'otp', messageIds: ['no id'] }]);
  await eventually(async () => expect((await queues.figures())[0]?.failed).toBe(1));
}

async function wrongInput({ api, nobody }: TestApp): Promise<void> {
  const bodies = [
    JSON.stringify({ query: SEND, variables: { input: { to: { number: SMS }, body: BODY } } }),
    JSON.stringify({ query: SEND, variables: { input: { to: SMS, body: BODY, channels: [BODY], nothing: SMS } } }),
    JSON.stringify({ query: SEND, variables: { input: { to: `${SMS}0000000000000`, body: BODY, reference: `${BODY}\u0000` } } }),
    JSON.stringify({ query: `mutation { sendMessage(input: { to: "${SMS}", body: "unbalanced ` }),
    JSON.stringify({ query: `{ message(id: "${SMS}") { "${BODY}" } }` }),
    `{ "query": "${SMS} ${BODY}`,
    JSON.stringify({ query: SEND, variables: { input: { to: SMS, body: BODY.repeat(30_000) } } }),
  ];
  for (const body of bodies) for (const client of [api, nobody]) await client.post(body);
  await api.post(SMS, { 'content-type': 'text/plain' });
  await fetch(`${api.graphqlUrl}?query=${encodeURIComponent(`{ message(id: "${SMS} ${BODY}") { id } }`)}`);
}

/** Reports that are forged, unreadable, or about nobody's message. */
async function webhooks({ url }: TestApp, messageId: string): Promise<void> {
  const form = `From=${encodeURIComponent(SMS)}&Body=${encodeURIComponent(BODY)}`;
  for (const path of ['simulator/status', 'simulator/incoming', `${SMS}/status`, `simulator/${SMS}`])
    for (const body of [form, JSON.stringify({ from: SMS, body: BODY })])
      await fetch(`${url}/webhooks/${path}?m=${messageId}&from=${SMS}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
}

/** Everything in the database, as text; binary values both in hexadecimal and as what they may spell. */
async function dump(app: TestApp): Promise<Map<string, string>> {
  const tables = await rowsOf<{ name: string }>(
    app,
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const texts = tables.map(async ({ name }) => {
    const rows = await rowsOf<{ row: string }>(app, `select to_jsonb(t)::text as row from ${name} t`);
    const text = rows.map(({ row }) => row).join('\n');
    return [name, text + text.replace(/\\\\x((?:[0-9a-f]{2})+)/g, (_match, hex: string) => Buffer.from(hex, 'hex').toString())] as const;
  });
  return new Map(await Promise.all(texts));
}

const found = (texts: Iterable<string>): string[] => {
  const all = [...texts].join('\n');
  return PRIVATE.split(' ').filter((text) => all.includes(text) || all.includes(JSON.stringify(text).slice(1, -1)));
};

describe('the database', () => {
  test('holds no number and no text that could be read', async () => {
    const tables = await dump(run);
    expect([...tables.keys()]).toEqual(
      expect.arrayContaining(['public.messages_default', 'public.idempotency_keys', 'agenda.agenda_jobs']),
    );
    expect([...tables.values()].join().length).toBeGreaterThan(10_000);
    expect([...tables].filter(([, text]) => found([text]).length > 0).map(([name]) => name)).toEqual([]);
  });

  test('gives them back to who may read them', async () => {
    const { messages } = await run.api.query('query ($to: String) { messages(filter: { to: $to }) { nodes { id } } }', { to: SMS });
    expect(await readMessage(run.api, messages.nodes[0].id)).toMatchObject({ to: SMS, body: BODY, mediaUrls: MEDIA });
  });
});

describe('the log of all this', () => {
  test('tells of requests, failures and jobs', () => {
    const lines = logged.masked.join('');
    expect(logged.masked.length).toBeGreaterThan(50);
    expect(lines).toContain('"route":"/graphql"');
    expect(lines).toContain('a job failed');
  });

  test('holds no number and no text', () => {
    expect(found(logged.masked)).toEqual([]);
  });

  test('would hold none without the masking of whole lines, either', () => {
    expect(logged.raw.filter((line) => found([line]).length > 0)).toEqual([]);
  });
});
