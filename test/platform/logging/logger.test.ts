import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/config.js';
import { createLogger } from '../../../src/platform/logging/logger.js';

const NUMBER = '+966500000567';
const PERSONAL = [NUMBER, '966500000567', '500000567', 'Amal', 'appointment', 'sk_live'];

interface LogLine {
  err: { stack: string };
  msg: string;
  req: object;
  circular: { list: number[] };
}

/** What a log call wrote, as text and as objects. */
function logged(write: (log: ReturnType<typeof createLogger>) => void) {
  let text = '';
  write(createLogger({ level: 'trace', destination: { write: (line) => void (text += line) } }));
  return {
    text,
    lines: text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LogLine),
  };
}
const selfCaused = new Error('x');
selfCaused.cause = selfCaused;
const withFields = (fields: object): Error => Object.assign(new Error('Refused'), fields);

describe('what is written', () => {
  test('a line has time, level, ids and message', () => {
    const { lines } = logged((log) => log.child({ requestId: 'r1' }).child({ messageId: 'm1' }).info({ attempt: 2 }, 'Sent'));
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        pid: process.pid,
        hostname: expect.any(String),
        requestId: 'r1',
        messageId: 'm1',
        attempt: 2,
        msg: 'Sent',
      },
    ]);
  });

  test('an error keeps its name, message, code, stack and causes', () => {
    const cause = Object.assign(new TypeError('socket closed'), { code: 'ECONNRESET' });
    const { lines } = logged((log) => log.error({ err: new Error('Provider failed', { cause }) }));
    const { err, msg } = lines[0]!;
    expect(msg).toBe('Provider failed');
    expect(err).toMatchObject({
      name: 'Error',
      message: 'Provider failed',
      cause: { name: 'TypeError', message: 'socket closed', code: 'ECONNRESET' },
    });
    expect(err.stack).toMatch(/^ +at .*logger\.test\.ts/);
    expect(err.stack).not.toContain('Provider failed');
  });

  test('a request is its method and path', () => {
    const request = { method: 'POST', url: `/webhooks/twilio/status?To=${NUMBER}`, headers: { authorization: 'sk_live' }, body: 'Amal' };
    const { lines } = logged((log) => log.info({ req: request, res: { statusCode: 204, body: 'Amal' } }));
    expect(lines[0]).toMatchObject({ req: { method: 'POST', path: '/webhooks/twilio/status' }, res: { statusCode: 204 } });
    expect(lines[0]!.req).not.toHaveProperty('body');
  });

  test('big, deep and circular values are bounded', () => {
    const circular: Record<string, unknown> = {
      list: Array.from({ length: 500 }, () => 1),
      bytes: Buffer.alloc(9),
      map: new Map(),
      big: 10n,
    };
    circular['self'] = circular;
    const { lines, text } = logged((log) => log.info({ circular }));
    expect(lines[0]!.circular).toMatchObject({ bytes: '[9 bytes]', map: '[Map]', big: '10' });
    expect(lines[0]!.circular.list).toHaveLength(100);
    expect(text.split('"self"')).toHaveLength(7);
  });

  test.each([
    ['an error without a message', Object.assign(new Error(), { message: undefined, stack: 7 })],
    ['an error that causes itself', selfCaused],
    ['an object without a constructor', { odd: Object.create(Object.create(null) as object) as object }],
    ['nothing where a request is expected', { req: null, res: null, err: null, to: null }],
    ['no object at all', undefined],
  ])('%s does not break the log', (_name, value) => {
    expect(logged((log) => log.error(value)).lines).toHaveLength(1);
  });

  test('below the level nothing is written', () => {
    let text = '';
    createLogger({ level: 'warn', destination: { write: (line) => void (text += line) } }).info('Sent');
    expect(text).toBe('');
  });
});

describe('nothing personal gets through', () => {
  const secret = new Secret('sk_live_1');
  const axiosLike = withFields({
    config: { data: `Body=appointment&To=${NUMBER}` },
    request: { path: NUMBER },
    response: { body: 'Amal' },
  });
  const query = withFields({
    name: 'DriverException',
    query: `insert into contacts values ('Amal')`,
    detail: `Key (phone)=(${NUMBER}) exists`,
  });
  const graphql = new Error(`Variable "$input" got invalid value { to: "${NUMBER}", body: "Your appointment" }; Field "x" is not defined`);
  const json = withFields({ message: `Unexpected token 'A', ..."Amal at 10"... is not valid JSON` });

  test.each<[string, (log: ReturnType<typeof createLogger>) => void]>([
    ['a message', (log) => log.info(`Sent to ${NUMBER}`)],
    ['a format argument', (log) => log.info('Sent to %s %o', NUMBER, { number: NUMBER })],
    [
      'named fields',
      (log) => log.info({ to: NUMBER, from: NUMBER, body: 'appointment', phone: NUMBER, name: 'Amal', email: 'amal@example.com' }),
    ],
    ['nested fields', (log) => log.info({ job: { message: { to: NUMBER, lines: [{ body: 'Your appointment' }] } } })],
    ['fields in capitals', (log) => log.info({ form: { To: NUMBER, Body: 'appointment' }, Authorization: 'Bearer sk_live' })],
    ['a field nobody thought of', (log) => log.info({ peer: NUMBER, nested: { peers: [NUMBER] } })],
    ['a field name', (log) => log.info({ counts: { [NUMBER]: 1 } })],
    ['child bindings', (log) => log.child({ to: NUMBER, name: 'Amal', peer: NUMBER }).info('Sent')],
    [
      'headers and connection parameters',
      (log) => log.info({ headers: { cookie: 'sk_live' }, connectionParams: { authorization: 'sk_live' } }),
    ],
    ['a secret', (log) => log.info({ key: secret, nested: [secret] }, 'Key %s', secret)],
    ['an error message', (log) => log.error(new Error(`No route to ${NUMBER}`))],
    ['an error with its request', (log) => log.error({ err: axiosLike }, 'Failed')],
    ['an error under another name', (log) => log.error({ reason: axiosLike, failures: [axiosLike] })],
    ['a chain of causes', (log) => log.error(new Error('a', { cause: new Error(`b ${NUMBER}`, { cause: axiosLike }) }))],
    ['a cause that is no error', (log) => log.error(new Error('a', { cause: { to: NUMBER, body: 'appointment' } }))],
    ['several errors', (log) => log.error(new AggregateError([axiosLike, new Error(NUMBER)], `Both for ${NUMBER}`))],
    ['an error in child bindings', (log) => log.child({ err: axiosLike }).error('Failed')],
    ['a database error', (log) => log.error(query)],
    ['quoted GraphQL input', (log) => log.error(graphql)],
    ['quoted JSON', (log) => log.error({ err: json })],
    ['what is thrown and is no error', (log) => log.error({ err: { to: NUMBER, body: 'appointment' } })],
    ['a URL', (log) => log.info({ url: `https://x.test/?To=%2B966500000567` })],
    ['an email address', (log) => log.info('From Amal.H@example.com')],
    [
      'a class instance',
      (log) => log.info({ socket: new Writable({ highWaterMark: 1 }), rows: [Object.assign(new (class Row {})(), { body: 'Amal' })] }),
    ],
  ])('%s', (_name, write) => {
    const { text } = logged(write);
    expect(text).not.toBe('');
    expect(PERSONAL.filter((fragment) => text.includes(fragment))).toEqual([]);
  });
});
