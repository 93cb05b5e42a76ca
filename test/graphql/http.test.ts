import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../src/errors.js';
import { gql } from '../support/gql.js';
import { startEdge, type TestEdge } from './edge.js';
import { ProbeResolver } from './probe.resolver.js';

let edge: TestEdge;
let pages: string;
const down = new Set<string>();

beforeAll(async () => {
  pages = await mkdtemp(join(tmpdir(), 'heliograph-pages-'));
  await writeFile(join(pages, 'index.html'), '<title>Playground</title>');
  edge = await startEdge({
    resolvers: [new ProbeResolver()],
    playgroundDir: pages,
    trustProxy: true,
    checks: {
      database: async () => down.has('database') && Promise.reject(new Error('gone')),
      redis: () => (down.has('redis') ? new Promise(() => undefined) : Promise.resolve()),
    },
    plugins: [
      async (http) => {
        http.get('/hook', async () => 'hooked');
        http.get('/hook/bad', async () => Promise.reject(new AppError('INVALID_SIGNATURE', 'The signature is wrong.')));
        http.get('/hook/broken', async () => Promise.reject(new Error('hunter2')));
      },
    ],
  });
});
afterAll(async () => {
  await edge.stop();
  await rm(pages, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(edge.url + path, { headers, redirect: 'manual' });

describe('a request id', () => {
  test('that is sane is kept and returned', async () => {
    expect((await get('/healthz', { 'x-request-id': 'abc-123' })).headers.get('x-request-id')).toBe('abc-123');
  });

  test.each(['a b', 'x'.repeat(101), '"}{"'])('%j is replaced', async (id) => {
    expect((await get('/healthz', { 'x-request-id': id })).headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });

  test('stands in the log with method, route, status, tenant and key', async () => {
    const { headers } = await edge.admin.execute('{ viewer { role } }');
    const line = edge.logged
      .map((text) => JSON.parse(text))
      .find(({ requestId, msg }) => msg === 'request' && requestId === headers.get('x-request-id'));
    expect(line).toMatchObject({ method: 'POST', route: '/graphql', status: 200, tenantId: edge.tenantId, keyId: expect.any(String) });
  });
});

describe('cross-site requests', () => {
  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    '%s, which a form can send, is refused',
    async (type) => {
      const response = await edge.admin.post('{"query":"mutation { refuse(input: { to: \\"good\\" }) { to } }"}', { 'content-type': type });
      expect([400, 415]).toContain(response.status);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    },
  );

  test('a GET that a link can send is refused, and works with a header that only a program sends', async () => {
    const path = '/graphql?query={viewer{role}}';
    const authorization = `Bearer ${edge.admin.key}`;
    expect((await get(path, { authorization })).status).toBe(400);
    expect((await get(path, { authorization, 'apollo-require-preflight': '1' })).status).toBe(200);
  });

  test('mutations by GET are refused', async () => {
    const path = '/graphql?query=mutation{refuse(input:{to:"good"}){to}}';
    expect((await get(path, { authorization: `Bearer ${edge.admin.key}`, 'apollo-require-preflight': '1' })).status).toBe(405);
  });
});

describe('a request without a key', () => {
  const asked = (query: string, more: RequestInit & { duplex?: 'half' } = {}): Promise<Response> =>
    fetch(`${edge.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      ...more,
    });

  test('is refused unread when it is longer than any question for the schema', async () => {
    const response = await asked(`{ __typename ${' '.repeat(65_536)} }`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect((await asked(`{ __typename ${' '.repeat(64_000)} }`)).status).toBe(200);
    expect((await edge.admin.execute(`{ __typename ${' '.repeat(65_536)} }`)).status).toBe(200);
  });

  test('is refused when it does not say how long it is', async () => {
    const body = new Blob([JSON.stringify({ query: '{ __typename }' })]).stream();
    expect((await asked('', { body, duplex: 'half' })).status).toBe(401);
  });
});

describe('health', () => {
  test('/healthz asks nobody', async () => {
    down.add('database');
    const response = await get('/healthz');
    down.clear();
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  test('/readyz names what is down, also what does not answer', async () => {
    expect([(await get('/readyz')).status, await (await get('/readyz')).json()]).toEqual([200, { status: 'ok', down: [] }]);
    down.add('database').add('redis');
    const response = await get('/readyz');
    down.clear();
    expect([response.status, await response.json()]).toEqual([503, { status: 'unavailable', down: ['database', 'redis'] }]);
  });
});

describe('other addresses', () => {
  test('the playground is served, with a policy that loads nothing from elsewhere', async () => {
    expect((await get('/playground')).headers.get('location')).toBe('/playground/');
    const response = await get('/playground/');
    expect(await response.text()).toContain('Playground');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(response.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
  });

  test('files outside the playground are not', async () => {
    expect((await get('/playground/..%2f..%2fetc/passwd')).status).toBe(404);
  });

  test('plugins are served, and their errors have a code', async () => {
    expect(await (await get('/hook')).text()).toBe('hooked');
    const bad = await get('/hook/bad');
    expect([bad.status, await bad.json()]).toEqual([
      403,
      { code: 'INVALID_SIGNATURE', message: 'The signature is wrong.', requestId: bad.headers.get('x-request-id') },
    ]);
  });

  test('an unforeseen error is masked', async () => {
    const response = await get('/hook/broken');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('hunter2');
  });

  test('nothing is there', async () => {
    const response = await get('/nowhere');
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'NOT_FOUND' }]);
  });
});

describe('the address of a caller', () => {
  const actorIp = async (headers: Record<string, string>): Promise<string> => {
    const body = { query: 'mutation { createApiKey(input: { name: "ip", role: VIEWER }) { apiKey { id } } }' };
    const { data } = (await (await edge.admin.post(JSON.stringify(body), headers)).json()) as {
      data: { createApiKey: { apiKey: { id: string } } };
    };
    const { auditLog } = await edge.admin.query(
      `{ auditLog(subject: "apiKey:${data.createApiKey.apiKey.id}") { nodes { ip userAgent } } }`,
    );
    return auditLog.nodes[0].ip;
  };

  test('behind a proxy is what the proxy saw, not what the caller claims', async () => {
    expect(await actorIp({ 'x-forwarded-for': '1.2.3.4, 203.0.113.9' })).toBe('203.0.113.9');
  });

  test('without a proxy is the connection’s own', async () => {
    expect(await actorIp({})).toBe('127.0.0.1');
  });
});

test('a request under way is answered before the server stops', async () => {
  const other = await startEdge({ resolvers: [new ProbeResolver()] });
  const answer = gql(other.url, other.admin.key).query('{ slow(ms: 400) }');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const began = Date.now();
  await other.http.stop(5_000);
  expect(Date.now() - began).toBeLessThan(1_500);
  expect(await answer).toEqual({ slow: 'done' });
  await other.stop();
});
