import { gzipSync } from 'node:zlib';
import fc from 'fast-check';

export interface HostileRequest {
  path: string;
  headers: Record<string, string>;
  body: Buffer | string;
}

const WORDS = [
  'messages',
  'message',
  'batch',
  'batches',
  'nodes',
  'events',
  'fallback',
  'health',
  'viewer',
  'id',
  '__typename',
  '__schema',
];
const word = fc.constantFrom(...WORDS, 'nonsense', '1', '$', '\u0000', '💥');
export const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.constant('\u0000'),
  fc.constant(2 ** 53),
  fc.constant([null]),
);
export const times = (max: number) => fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max }));

const { selection } = fc.letrec<{ selection: string }>((tie) => ({
  selection: fc
    .array(
      fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        word,
        fc.tuple(word, tie('selection')).map(([name, inner]) => `${name} ${inner}`),
      ),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    .map((parts) => `{ ${parts.join(' ')} }`),
}));

const nested = (depth: number): string => `{ messages { nodes ${'{ fallback '.repeat(depth)}{ id }${' }'.repeat(depth)} } }`;
const aliases = (count: number): string => `{ ${Array.from({ length: count }, (_, index) => `a${index}: health { state }`).join(' ')} }`;
const fragmentCycle = (length: number): string =>
  `{ viewer { ...f0 } } ${Array.from({ length }, (_, index) => `fragment f${index} on Viewer { __typename ...f${(index + 1) % length} }`).join(' ')}`;
const fragmentBomb = (length: number): string =>
  `{ viewer { ...f0 } } ${Array.from({ length }, (_, index) => `fragment f${index} on Viewer { ${`...f${index + 1} `.repeat(10)} }`).join(' ')} fragment f${length} on Viewer { __typename }`;

export const documents = fc.oneof(
  selection,
  fc.tuple(fc.constantFrom('query', 'mutation', 'subscription'), selection).map(([kind, fields]) => `${kind} ${fields}`),
  times(5_000).map(nested),
  times(5_000).map(aliases),
  times(2_000).map(fragmentCycle),
  times(200).map(fragmentBomb),
  times(20_000).map((count) => `{ health ${'@include(if: true) '.repeat(count)} { state } }`),
  times(50_000).map((count) => `{ message(id: ${'['.repeat(count)}${']'.repeat(count)}) { id } }`),
  fc.string({ unit: 'binary', maxLength: 500 }),
);

const FIND =
  'query ($filter: MessageFilter, $first: Int, $after: String) { messages(filter: $filter, first: $first, after: $after) { totalCount } }';
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }';
const BULK = 'mutation ($input: SendBulkInput!) { sendBulk(input: $input) { batch { id } userErrors { code } } }';
const FILTERS = ['status', 'channel', 'to', 'contactId', 'batchId', 'reference', 'createdAfter', 'createdBefore'];
const INPUTS = [
  'to',
  'body',
  'channels',
  'sendAt',
  'expiresAt',
  'reference',
  'mediaUrls',
  'idempotencyKey',
  'from',
  'language',
  'variables',
];

const deep = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
export const variables = fc.oneof(
  fc.tuple(
    fc.constant(FIND),
    fc.record(
      { filter: fc.dictionary(fc.constantFrom(...FILTERS), anything), first: anything, after: anything },
      { requiredKeys: ['filter'] },
    ),
  ),
  fc.tuple(fc.constant(SEND), fc.record({ input: fc.dictionary(fc.constantFrom(...INPUTS), anything) })),
  fc.tuple(
    fc.constant(SEND),
    fc.dictionary(fc.constantFrom(...INPUTS), anything).map((input) => ({ input: { to: '+14155550100', body: 'Hi', ...input } })),
  ),
  fc.tuple(
    fc.constant(BULK),
    fc.array(anything, { maxLength: 5 }).map((recipients) => ({ input: { name: 'fuzz', body: 'Hi', recipients } })),
  ),
  fc.tuple(
    fc.constant(FIND),
    times(100_000).map((count) => ({ filter: { status: Array(count).fill('SENT') } })),
  ),
  fc.tuple(
    fc.constant(FIND),
    times(2_000).map((depth) => ({ filter: deep(depth) })),
  ),
);

const bodies = fc.oneof(
  documents.map((query) => JSON.stringify({ query })),
  variables.map(([query, values]) => JSON.stringify({ query, variables: values })),
  fc.array(documents, { maxLength: 30 }).map((queries) => JSON.stringify(queries.map((query) => ({ query })))),
  fc
    .dictionary(fc.constantFrom('query', 'variables', 'operationName', 'extensions', '__proto__'), anything)
    .map((body) => JSON.stringify(body)),
  fc.jsonValue().map((body) => JSON.stringify(body)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([Buffer.from('{"query":"{ health '), bytes, Buffer.from(' }"}')])),
  times(200_000).map((depth) => '['.repeat(depth)),
);

/** Requests to the GraphQL API: bombs of every kind, wrong types, broken texts, batches. */
export const graphqlRequests: fc.Arbitrary<HostileRequest> = fc.record({
  path: fc.constant('/graphql'),
  headers: fc.record({
    'content-type': fc.constantFrom(
      'application/json',
      'application/json',
      'application/json; charset=utf-16',
      'text/plain',
      'application/graphql',
    ),
  }),
  body: bodies,
});

const RECEIPT = { sid: 'S1', status: 'delivered', segments: 1, price: { amount: '1', currency: 'USD' }, at: '2026-01-01T00:00:00Z' };
const simulatorBodies = fc.oneof(
  fc.dictionary(fc.constantFrom(...Object.keys(RECEIPT)), anything).map((odd) => JSON.stringify({ ...RECEIPT, ...odd })),
  fc.jsonValue().map((body) => JSON.stringify(body)),
  fc.string({ unit: 'binary' }),
);
const FORM = ['MessageSid', 'MessageStatus', 'ErrorCode', 'From', 'To', 'Body', 'NumMedia', 'MediaUrl0', 'NumSegments', '__proto__'];
const formValue = fc.oneof(
  fc.constantFrom('delivered', 'undelivered', 'SM1', '30005', '\u0000', '-1', '1e99', 'whatsapp:+1'),
  fc.string({ unit: 'binary' }),
);
const twilioBodies = fc
  .array(fc.tuple(fc.constantFrom(...FORM), formValue), { maxLength: 15 })
  .map((pairs) => new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value.toWellFormed()])).toString());
/** To be replaced by the id of a message. */
export const NO_MESSAGE = '01900000-0000-7000-8000-000000000000';
const parameter = fc.oneof(
  fc.constantFrom(NO_MESSAGE, 'x', '', '\u0000', '-1', '1', '99999999999', '1e400', '2147483648'),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed()),
);

const FORM_TYPE = 'application/x-www-form-urlencoded';
const contentType = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('application/json', FORM_TYPE) },
  fc.constantFrom(
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/json; charset=utf-16',
    'nonsense',
    '',
  ),
);

/** Webhooks as a provider gone mad would send them; the caller signs them. */
export const webhookRequests: fc.Arbitrary<HostileRequest> = fc
  .record({
    provider: fc.constantFrom('simulator', 'twilio'),
    what: fc.constantFrom('status', 'incoming'),
    m: parameter,
    a: parameter,
    type: contentType,
    json: simulatorBodies,
    form: twilioBodies,
  })
  .map(({ provider, what, m, a, type, json, form }) => ({
    path: `/webhooks/${provider}/${what}?${String(new URLSearchParams({ m, a }))}`,
    headers: { ...(type && { 'content-type': type }) },
    body: provider === 'twilio' ? form : json.toWellFormed(),
  }));

const lines = fc.oneof(
  fc
    .array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('to,name', '+14155550100,"x', '"', ',,,,')), { maxLength: 20 })
    .map((all) => all.join('\n')),
  fc.array(anything, { maxLength: 10 }).map((all) => all.map((value) => JSON.stringify({ to: value })).join('\n')),
  times(300_000).map((count) => `to\n${'x'.repeat(count)}`),
);

/** Batches as files, spoiled. */
export const uploadRequests: fc.Arbitrary<HostileRequest> = fc
  .tuple(
    fc.dictionary(fc.constantFrom('name', 'body', 'channels', 'sendAt', 'category', 'maxCost', 'idempotencyKey'), parameter),
    fc.constantFrom('text/csv', 'application/x-ndjson', 'text/csv; charset=latin1', 'application/json', ''),
    fc.constantFrom('', 'gzip', 'br'),
    fc.oneof(lines, fc.uint8Array({ maxLength: 300 })),
    fc.boolean(),
  )
  .map(([query, type, encoding, content, isPacked]) => ({
    path: `/batches?${String(new URLSearchParams({ name: 'fuzz', body: 'Hi', ...query }))}`,
    headers: { ...(type && { 'content-type': type }), ...(encoding && { 'content-encoding': encoding }) },
    body: isPacked ? gzipSync(content) : typeof content === 'string' ? content : Buffer.from(content),
  }));
