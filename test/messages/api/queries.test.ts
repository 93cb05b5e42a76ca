import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { given, inSeconds } from '../../support/given.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** What each message of this file is called by. */
type Name = 'otp' | 'whatsApp' | 'failed' | 'inBatch' | 'late';

let run: TestApp;
const names = new Map<string, Name>();
let batchId: string;
/** Between `failed` and `inBatch`. */
let halfTime: string;

beforeAll(async () => {
  run = await startTestApp();
  await given.session(run, ['+14155550102']);
  await given.consent(run.api, '+15005550001');
  const made = async (name: Name, message: Promise<{ id: string }>): Promise<void> => void names.set((await message).id, name);
  await made('otp', given.delivered(run.api, { to: '+14155550101', category: 'AUTHENTICATION', topic: 'login', reference: 'a' }));
  await made('whatsApp', given.scheduled(run.api, { to: '+14155550102', channels: ['WHATSAPP'], topic: 'news', reference: 'b' }));
  await made('failed', given.failed(run.api, { to: '+15005550001', category: 'MARKETING', topic: 'news', reference: 'a' }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  halfTime = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 20));
  batchId = (await given.batch(run.api, { recipients: [{ to: '+14155550104' }], sendAt: inSeconds(600), topic: 'sale' })).id;
  names.set((await run.api.query('query { messages(first: 1) { nodes { id } } }')).messages.nodes[0].id, 'inBatch');
  await made('late', given.scheduled(run.api, { to: '+14155550101' }));
});
afterAll(() => run.stop());

const LIST = `query ($filter: MessageFilter, $first: Int, $after: String, $last: Int, $before: String) {
  messages(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const list = async (variables: Record<string, unknown> = {}) => {
  const { nodes, edges, pageInfo } = (await run.api.query(LIST, variables)).messages;
  expect(edges.map(({ node }: any) => node)).toEqual(nodes);
  return { found: nodes.map(({ id }: { id: string }) => names.get(id)), ...pageInfo };
};

describe('messages', () => {
  test('lists the newest first', async () => {
    expect(await list()).toMatchObject({
      found: ['late', 'inBatch', 'failed', 'whatsApp', 'otp'],
      hasNextPage: false,
      hasPreviousPage: false,
    });
  });

  test.each<[string, () => Record<string, unknown>, Name[]]>([
    ['status', () => ({ status: ['FAILED', 'DELIVERED'] }), ['failed', 'otp']],
    ['channel', () => ({ channel: ['WHATSAPP'] }), ['whatsApp']],
    ['category', () => ({ category: ['AUTHENTICATION', 'MARKETING'] }), ['failed', 'otp']],
    ['provider', () => ({ provider: ['simulator'] }), ['failed', 'otp']],
    ['a provider that sent nothing', () => ({ provider: ['twilio'] }), []],
    ['topic', () => ({ topic: 'news' }), ['failed', 'whatsApp']],
    ['number', () => ({ to: '+1 (415) 555-0101' }), ['late', 'otp']],
    ['batch', () => ({ batchId }), ['inBatch']],
    ['an id that is none', () => ({ batchId: 'no id' }), []],
    ['contact', () => ({ contactId: batchId }), []],
    ['reference', () => ({ reference: 'a' }), ['failed', 'otp']],
    ['template', () => ({ templateCode: 'welcome' }), []],
    ['error', () => ({ errorKind: ['INVALID_RECIPIENT', 'TIMEOUT'] }), ['failed']],
    ['time after', () => ({ createdAfter: halfTime }), ['late', 'inBatch']],
    ['time before', () => ({ createdBefore: halfTime }), ['failed', 'whatsApp', 'otp']],
    ['a time long past', () => ({ createdBefore: '1950-01-01T00:00:00Z' }), []],
    ['a time far ahead', () => ({ createdAfter: '9999-12-31T23:59:59Z' }), []],
    ['several, all of which must match', () => ({ topic: 'news', reference: 'a', status: ['FAILED'] }), ['failed']],
    ['several that exclude each other', () => ({ topic: 'news', status: ['DELIVERED'] }), []],
    ['an empty list', () => ({ status: [] }), []],
    ['nulls', () => ({ status: null, to: null, createdAfter: null }), ['late', 'inBatch', 'failed', 'whatsApp', 'otp']],
  ])('finds by %s', async (_what, filter, expected) => {
    expect((await list({ filter: filter() })).found).toEqual(expected);
  });

  test('goes forwards through all pages', async () => {
    const first = await list({ first: 2 });
    expect(first).toMatchObject({ found: ['late', 'inBatch'], hasNextPage: true, hasPreviousPage: false });
    const second = await list({ first: 2, after: first.endCursor });
    expect(second).toMatchObject({ found: ['failed', 'whatsApp'], hasNextPage: true, hasPreviousPage: true });
    const third = await list({ first: 2, after: second.endCursor });
    expect(third).toMatchObject({ found: ['otp'], hasNextPage: false, hasPreviousPage: true });
    expect(await list({ first: 2, after: third.endCursor })).toMatchObject({ found: [], startCursor: null, endCursor: null });
  });

  test('goes backwards through all pages, each in the same order', async () => {
    const last = await list({ last: 2 });
    expect(last).toMatchObject({ found: ['whatsApp', 'otp'], hasNextPage: false, hasPreviousPage: true });
    const before = await list({ last: 2, before: last.startCursor });
    expect(before).toMatchObject({ found: ['inBatch', 'failed'], hasNextPage: true, hasPreviousPage: true });
    expect(await list({ last: 2, before: before.startCursor })).toMatchObject({
      found: ['late'],
      hasNextPage: true,
      hasPreviousPage: false,
    });
  });

  test('pages through what a filter finds', async () => {
    const first = await list({ filter: { reference: 'a' }, first: 1 });
    expect(first).toMatchObject({ found: ['failed'], hasNextPage: true });
    expect(await list({ filter: { reference: 'a' }, first: 1, after: first.endCursor })).toMatchObject({
      found: ['otp'],
      hasNextPage: false,
    });
  });

  test('takes pages of 0 to 200', async () => {
    expect(await list({ first: 0 })).toMatchObject({ found: [], hasNextPage: true });
    expect((await list({ first: 200 })).found).toHaveLength(5);
    expect((await list({ last: 200 })).found).toHaveLength(5);
  });

  const cursorOf = (key: string): string => Buffer.from(key).toString('base64url');
  test.each<[string, Record<string, unknown>]>([
    ['201 at once', { first: 201 }],
    ['201 from the end', { last: 201 }],
    ['fewer than none', { first: -1 }],
    ['both ends', { first: 1, last: 1 }],
    ['a cursor that was made up', { after: 'abc' }],
    ['a cursor of something else', { after: cursorOf('1 or 1=1') }],
    ['a cursor with something behind it', { before: `${cursorOf('0198c0de-0000-7000-8000-000000000000')}=` }],
    ['an empty cursor', { last: 1, before: '' }],
    ['a status that does not exist', { filter: { status: ['LOST'] } }],
    ['a time that is none', { filter: { createdAfter: 'yesterday' } }],
  ])('refuses %s', async (_what, variables) => {
    expect(await run.api.execute(LIST, variables)).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('counts what matches, whatever the page, and only when asked', async () => {
    const count = vi.spyOn(run.app.core.messages, 'count');
    await list({ first: 1 });
    expect(count).not.toHaveBeenCalled();
    const counted = await run.api.query(
      'query ($filter: MessageFilter) { messages(first: 1, filter: $filter) { totalCount nodes { id } } }',
      {
        filter: { topic: 'news' },
      },
    );
    expect(counted.messages).toMatchObject({ totalCount: 2, nodes: [{}] });
    expect(count).toHaveBeenCalledTimes(1);
    count.mockRestore();
  });
});

describe('message', () => {
  test.each(['0198c0de-0000-7000-8000-000000000000', 'not an id', '', 'a\u0000b'])(
    'is null for the id %j, which nobody has',
    async (id) => {
      expect(await run.api.query('query ($id: ID!) { message(id: $id) { id } }', { id })).toEqual({ message: null });
    },
  );
});

const ANALYZE = `query ($text: String!) {
  analyzeText(text: $text) { encoding characters segments segmentsIfTransliterated nonGsmCharacters { character replacement count } }
}`;
const analyze = async (text: string) => (await run.api.query(ANALYZE, { text })).analyzeText;

describe('analyzeText', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['an empty text', '', { encoding: 'GSM7', characters: 0, segments: 0, segmentsIfTransliterated: 0 }],
    ['160 plain characters', 'a'.repeat(160), { encoding: 'GSM7', characters: 160, segments: 1, segmentsIfTransliterated: 1 }],
    ['161 plain characters', 'a'.repeat(161), { encoding: 'GSM7', characters: 161, segments: 2, segmentsIfTransliterated: 2 }],
    ['81 characters of the extension', '€'.repeat(81), { encoding: 'GSM7', characters: 81, segments: 2, segmentsIfTransliterated: 2 }],
    ['70 Arabic letters', 'م'.repeat(70), { encoding: 'UCS2', characters: 70, segments: 1 }],
    ['71 Arabic letters', 'م'.repeat(71), { encoding: 'UCS2', characters: 71, segments: 2 }],
    ['36 emoji', '😀'.repeat(36), { encoding: 'UCS2', characters: 36, segments: 2 }],
    ['decomposed letters', 'e\u0301'.repeat(160), { encoding: 'GSM7', characters: 160, segments: 1 }],
  ])('counts %s', async (_what, text, expected) => {
    expect(await analyze(text)).toMatchObject(expected);
  });

  test('names what forces the dearer encoding, and what could stand in for it', async () => {
    expect(await analyze(`“Ok” – it’s “fine” 😀${'a'.repeat(60)}`)).toEqual({
      encoding: 'UCS2',
      characters: 80,
      segments: 2,
      segmentsIfTransliterated: 2,
      nonGsmCharacters: [
        { character: '“', replacement: '"', count: 2 },
        { character: '”', replacement: '"', count: 2 },
        { character: '–', replacement: '-', count: 1 },
        { character: '’', replacement: "'", count: 1 },
        { character: '😀', replacement: null, count: 1 },
      ],
    });
    expect(await analyze(`“${'a'.repeat(80)}”`)).toMatchObject({ encoding: 'UCS2', segments: 2, segmentsIfTransliterated: 1 });
  });

  test('takes 100,000 characters, and no more', async () => {
    expect(await analyze('a'.repeat(100_000))).toMatchObject({ segments: 654 });
    expect(await run.api.execute(ANALYZE, { text: 'a'.repeat(100_001) })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await run.api.execute(ANALYZE, { text: null })).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
