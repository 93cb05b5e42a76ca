import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEdge, type TestEdge } from './edge.js';
import { ProbeResolver } from './probe.resolver.js';
import { eventually } from '../support/eventually.js';
import { RawSocket } from '../support/raw-socket.js';

const ECHO = 'query ($input: ProbeInput!) { echo(input: $input) }';
const SECRET = '+966500000567';

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge({ resolvers: [new ProbeResolver()] });
});
afterAll(() => edge.stop());

const messageOf = async (query: string, variables: Record<string, unknown> = {}): Promise<string | undefined> =>
  (await edge.admin.execute(query, variables)).errors?.[0]?.message;

describe('an unforeseen error', () => {
  test('is masked, and logged with the request id that the caller gets', async () => {
    const { errors, data, headers } = await edge.admin.execute('{ broken viewer { role } }');
    const requestId = headers.get('x-request-id');
    expect(data).toEqual({ broken: null, viewer: { role: 'ADMIN' } });
    expect(errors).toEqual([
      {
        message: 'Something failed on the server. It is logged under the request id.',
        locations: [{ line: 1, column: 3 }],
        path: ['broken'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
      },
    ]);
    const line = edge.logged.find((text) => text.includes('hunter2'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 50, requestId, err: { type: 'TypeError' }, path: ['broken'] });
  });

  test('is masked on a socket too', async () => {
    const socket = await RawSocket.signedIn(edge.url, edge.admin.key ?? '');
    socket.operate('1', '{ broken }');
    const { payload } = await socket.next();
    socket.close();
    expect(payload.errors[0]).toMatchObject({
      message: expect.stringMatching(/^Something failed/),
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
    expect(edge.logged.some((line) => line.includes(payload.errors[0].extensions.requestId))).toBe(true);
  });
});

test('a fault of ours is counted by its code, since HTTP answers it with 200; what a caller got wrong is not', async () => {
  const counted = async (): Promise<Record<string, number>> => {
    const { values } = await edge.metrics.faults.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.code, value]));
  };
  const before = await counted();
  const { status } = await edge.admin.execute('{ broken unreachable missing }');
  await edge.admin.execute('{ nonsense }');
  const { INTERNAL_SERVER_ERROR: broken = 0, UNAVAILABLE: unreachable = 0 } = before;
  expect([status, await counted()]).toEqual([200, { INTERNAL_SERVER_ERROR: broken + 1, UNAVAILABLE: unreachable + 1 }]);
});

test('an answer that met several faults has failed once, over HTTP and on a socket, and what a caller got wrong has not', async () => {
  const counted = async (): Promise<number[]> =>
    Promise.all(
      ['operations', 'failedResults'].map(async (name) => (await edge.metrics[name as 'operations'].get()).values[0]?.value ?? 0),
    );
  const [operations = 0, failed = 0] = await counted();
  const socket = await RawSocket.signedIn(edge.url, edge.admin.key ?? '');
  for (const query of ['{ broken unreachable }', '{ viewer { role } }', '{ nonsense }']) {
    await edge.admin.execute(query);
    socket.operate(query, query);
    await eventually(async () => expect((await socket.next()).type).toMatch(/complete|error/));
  }
  socket.close();
  expect(await counted()).toEqual([operations + 6, failed + 2]);
});

describe('a foreseen error', () => {
  test('keeps its code, message and details', async () => {
    const { errors } = await edge.admin.execute('{ missing }');
    expect(errors).toMatchObject([{ message: 'There is no such thing.', extensions: { code: 'NOT_FOUND', hint: 'look elsewhere' } }]);
  });

  test('a database that cannot be reached is UNAVAILABLE, and its address is not told', async () => {
    const { errors } = await edge.admin.execute('{ unreachable }');
    expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
    expect(JSON.stringify(errors)).not.toContain('10.0.0.1');
  });

  test('a refusal is an answer, with the non-null fields of the payload filled', async () => {
    const { data, errors } = await edge.admin.execute(
      'mutation { refuse(input: { to: "bad" }) { to duplicate userErrors { code message field } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.refuse).toEqual({
      to: null,
      duplicate: false,
      userErrors: [{ code: 'INVALID_PHONE_NUMBER', message: 'This is not a number.', field: ['to'] }],
    });
  });
});

describe('what the caller sent is never repeated', () => {
  test.each([
    [{ to: 1 }, 'at "input.to": Expected a valid String.'],
    [{ to: 'x', at: SECRET }, 'at "input.at": Expected a valid DateTime.'],
    [{ to: 'x', amount: SECRET }, 'at "input.amount": Expected a decimal number as a string, e.g. "0.0083".'],
    [{ to: 'x', timeZone: SECRET }, 'at "input.timeZone": Expected an IANA time zone, e.g. Asia/Riyadh.'],
    [{ to: 'x', channel: SECRET }, 'at "input.channel": Expected a value of the enum "Channel".'],
    [{ to: 'x', variables: SECRET }, 'at "input.variables": Expected a valid JSONObject.'],
    [{ at: SECRET }, 'at "input": Field "to" of required type "String!" was not provided.'],
    [{ to: SECRET, unknown: SECRET }, 'at "input": Field "unknown" is not defined by type "ProbeInput".'],
    [SECRET, 'at "input": Expected type "ProbeInput" to be an object.'],
  ])('in the variable %j', async (input, problem) => {
    const answer = await edge.admin.execute(ECHO, { input });
    expect(answer).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    expect(answer.errors?.map(({ message }) => message)).toContain(`Variable "$input" is not valid ${problem}`);
    expect(JSON.stringify(answer.errors)).not.toContain(SECRET);
  });

  test.each([
    [`{ echo(input: { to: ${SECRET.slice(1)} }) }`, 'Expected a valid String.'],
    [`{ echo(input: { to: "x", at: "${SECRET}" }) }`, 'Expected a valid DateTime.'],
    [`{ echo(input: { to: "x", channel: "${SECRET}" }) }`, 'Expected a value of the enum "Channel".'],
    [`{ echo(input: "${SECRET}") }`, 'Expected a valid ProbeInput!.'],
    [`{ echo(input: { to "${SECRET}" }) }`, 'Syntax Error: Expected ":", found String.'],
    [`{ echo(input: { to: "${SECRET}`, 'Syntax Error: Unterminated string.'],
  ])('in the document %s', async (query, message) => {
    expect(await messageOf(query)).toBe(message);
  });

  test('a body that is not JSON', async () => {
    const response = await edge.admin.post(`{"query": "${SECRET}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      errors: [{ message: 'The request is not well-formed.', extensions: { code: 'BAD_USER_INPUT', requestId: expect.any(String) } }],
    });
  });

  test('nor is it logged', async () => {
    await edge.admin.execute(ECHO, { input: { to: SECRET } });
    await fetch(`${edge.url}/graphql?query={echo(input:{to:"${encodeURIComponent(SECRET)}"})}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(edge.logged.filter((line) => line.includes(SECRET.slice(1)))).toEqual([]);
  });
});

test('errors look the same on a socket', async () => {
  const socket = await RawSocket.signedIn(edge.url, edge.admin.key ?? '');
  socket.operate('1', ECHO, { input: { to: 1 } });
  expect(await socket.next()).toEqual({
    id: '1',
    type: 'error',
    payload: [
      {
        message: 'Variable "$input" is not valid at "input.to": Expected a valid String.',
        locations: [{ line: 1, column: 8 }],
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ],
  });
  socket.close();
});
