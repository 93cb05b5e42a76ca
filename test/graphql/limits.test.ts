import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getIntrospectionQuery } from 'graphql';
import { RawSocket } from '../support/raw-socket.js';
import { startEdge, type TestEdge } from './edge.js';
import { ProbeResolver } from './probe.resolver.js';

let edge: TestEdge;
let socket: RawSocket;
beforeAll(async () => {
  edge = await startEdge({ resolvers: [new ProbeResolver()], bodyLimitBytes: 100_000 });
  socket = await RawSocket.signedIn(edge.url, edge.admin.key ?? '');
});
afterAll(async () => {
  socket.close();
  await edge.stop();
});

const nested = (depth: number, inner = 'id'): string => 'self { '.repeat(depth) + inner + ' }'.repeat(depth);
const aliases = (count: number): string => Array.from({ length: count }, (_, index) => `a${index}: id`).join(' ');
const directives = (count: number): string =>
  Array.from({ length: count }, (_, index) => `d${index % 10}: id @include(if: true)`).join(' ');
const bomb = (levels: number, last = 'a: id'): string =>
  Array.from({ length: levels }, (_, level) => `fragment f${level} on ProbeItem { ...f${level + 1} ...f${level + 1} }`).join(' ') +
  ` fragment f${levels} on ProbeItem { ${last} }`;

const TOO_LARGE: [string, string, { limit: string; max: number; actual: number }][] = [
  ['depth', `{ items { nodes { ${nested(10)} } } }`, { limit: 'depth', max: 12, actual: 13 }],
  ['depth in fragments', `{ items { nodes { ...f } } } fragment f on ProbeItem { ${nested(10)} }`, { limit: 'depth', max: 12, actual: 13 }],
  ['aliases', `{ items { nodes { ${aliases(31)} } } }`, { limit: 'aliases', max: 30, actual: 31 }],
  [
    'aliases of fields',
    `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: missing`).join(' ')} }`,
    { limit: 'aliases', max: 30, actual: 31 },
  ],
  ['aliases behind fragments', `{ items { nodes { ...f0 } } } ${bomb(5)}`, { limit: 'aliases', max: 30, actual: 32 }],
  ['a bomb of fragments', `{ items { nodes { ...f0 } } } ${bomb(60)}`, { limit: 'aliases', max: 30, actual: 2 ** 60 }],
  ['directives', `{ items { nodes { ${directives(31)} } } }`, { limit: 'directives', max: 30, actual: 31 }],
  [
    'complexity',
    '{ items(first: 200) { nodes { twins { twins { twins { id } } } } } }',
    { limit: 'complexity', max: 20_000, actual: 222_401 },
  ],
  [
    'complexity beside a page of a negative size',
    '{ items(first: 200) { nodes { twins { twins { twins { id } } } } } x: items(first: -2147483648) { nodes { id } } }',
    { limit: 'complexity', max: 20_000, actual: 222_402 },
  ],
  [
    'complexity by last',
    '{ items(last: 200) { nodes { twins { twins { id self { id } } } } } }',
    { limit: 'complexity', max: 20_000, actual: 62_401 },
  ],
];

describe.each(TOO_LARGE)('too many: %s', (_name, query, details) => {
  test('is refused over HTTP', async () => {
    const { status, errors } = await edge.admin.execute(query);
    expect(status).toBe(400);
    expect(errors?.find(({ extensions }) => extensions['limit'] === details.limit)?.extensions).toEqual({
      code: 'QUERY_TOO_COMPLEX',
      ...details,
    });
  });

  test('is refused on a socket', async () => {
    socket.operate('1', query);
    const { type, payload } = await socket.next();
    expect(type).toBe('error');
    const found = payload.find(({ extensions }: { extensions: { limit?: string } }) => extensions.limit === details.limit);
    expect(found.extensions).toEqual({ code: 'QUERY_TOO_COMPLEX', ...details });
  });
});

test.each([
  ['12 levels', `{ items { nodes { ${nested(9)} } } }`],
  ['30 aliases', `{ items { nodes { ${aliases(30)} } } }`],
  ['200 items of some fields', '{ items(first: 200) { edges { cursor node { id self { id } twins { id } } } } }'],
])('%s are allowed', async (_name, query) => {
  expect((await edge.admin.execute(query)).errors).toBeUndefined();
});

test('a size in a variable is counted anew each time', async () => {
  const query = 'query ($first: Int!) { items(first: $first) { nodes { twins { twins { twins { id } } } } } }';
  for (const [first, actual] of [
    [1, undefined],
    [200, 222_401],
    [1, undefined],
    [100, 111_201],
  ]) {
    const { errors } = await edge.admin.execute(query, { first });
    expect(errors?.[0]?.extensions['actual']).toBe(actual);
  }
});

test('a document without variables is refused as often as it is sent', async () => {
  const [, query = ''] = TOO_LARGE.find(([name]) => name === 'complexity') ?? [];
  for (let time = 0; time < 3; time++)
    expect((await edge.admin.execute(query)).errors?.[0]?.extensions).toMatchObject({ limit: 'complexity', actual: 222_401 });
});

test('a document of more than 2,000 tokens is refused, by both ways', async () => {
  const query = `{ ${'missing '.repeat(2_000)} }`;
  expect((await edge.admin.execute(query)).errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX', limit: 'tokens' } }]);
  socket.operate('1', query);
  expect((await socket.next()).payload).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX', limit: 'tokens' } }]);
});

test('fragments that unfold without end are refused as complexity, by both ways', async () => {
  const query = `{ items { nodes { ...f0 } } } ${bomb(40, 'id')}`;
  expect((await edge.admin.execute(query)).errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX', limit: 'complexity' } }]);
  socket.operate('1', query);
  expect((await socket.next()).payload).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX', limit: 'complexity' } }]);
});

test('a document nested deeper than the parser can follow is no fault of ours, by both ways', async () => {
  const query = `{ item(id: ${'['.repeat(1_980)}`;
  // A parser that has warmed up follows it to the end that is missing.
  const refused = expect.stringMatching(/^(QUERY_TOO_COMPLEX|BAD_USER_INPUT)$/);
  expect((await edge.admin.execute(query)).errors).toMatchObject([{ extensions: { code: refused } }]);
  socket.operate('1', query);
  expect((await socket.next()).payload).toMatchObject([{ extensions: { code: refused } }]);
});

test('fragments that contain themselves are refused and do not hang', async () => {
  const { status, code } = await edge.admin.execute('{ items { nodes { ...f } } } fragment f on ProbeItem { self { ...f } }');
  expect({ status, code }).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
});

test('a batch of operations is refused', async () => {
  const response = await edge.admin.post(JSON.stringify([{ query: '{ missing }' }, { query: '{ missing }' }]));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
});

test('a body over the limit is refused with 413', async () => {
  const response = await edge.admin.post(JSON.stringify({ query: '{ missing }', variables: { x: 'x'.repeat(100_000) } }));
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({
    errors: [{ message: 'The request is too large.', extensions: { code: 'BAD_USER_INPUT' } }],
  });
});

test('a socket message over the limit closes the socket with 1009', async () => {
  const other = await RawSocket.signedIn(edge.url, edge.admin.key ?? '');
  other.operate('1', '{ missing }', { x: 'x'.repeat(100_000) });
  expect((await other.closed).code).toBe(1009);
});

describe('introspection', () => {
  test('is answered in full', async () => {
    const { __schema } = await edge.anonymous.query(
      getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true, oneOf: true }),
    );
    expect(__schema.types.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['Query', 'TimeZone', 'Date', 'Decimal', 'Locale']),
    );
  });

  test('when switched off, neither way tells the schema, nor do error messages', async () => {
    const closed = await startEdge({ resolvers: [new ProbeResolver()], introspection: false });
    const other = await RawSocket.signedIn(closed.url, closed.admin.key ?? '');
    other.operate('1', '{ __schema { queryType { name } } }');
    expect((await other.next()).payload[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(await closed.admin.execute('{ __schema { queryType { name } } }')).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    expect((await closed.admin.execute('{ viewr { role } }')).errors?.[0]?.message).toBe('Cannot query field "viewr" on type "Query".');
    expect((await edge.admin.execute('{ viewr { role } }')).errors?.[0]?.message).toContain('Did you mean "viewer"?');
    await closed.stop();
  });
});
