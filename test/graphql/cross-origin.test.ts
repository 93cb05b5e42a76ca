import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyPluginAsync } from 'fastify';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { startEdge, type TestEdge } from './edge.js';

const DESK = 'https://desk.example.com';
const pages = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<title>A page of its own</title>'));

let origin: string;
let edge: TestEdge;
let closed: TestEdge;
let browser: Browser;

beforeAll(async () => {
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  const plugins: FastifyPluginAsync[] = [async (http) => void http.get('/hook', async () => 'hooked')];
  [edge, closed] = await Promise.all([startEdge({ corsOrigins: [DESK, origin], plugins }), startEdge()]);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await Promise.all([edge.stop(), closed.stop()]);
  pages.close();
});

const preflight = (url: string, from: string): Promise<Response> =>
  fetch(`${url}/graphql`, {
    method: 'OPTIONS',
    headers: { origin: from, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' },
  });

const allowed = ({ headers }: Response): string | null => headers.get('access-control-allow-origin');

describe('a page of an origin that is named', () => {
  async function asked(url: string, key = ''): Promise<unknown> {
    const page: Page = await browser.newPage();
    await page.goto(origin);
    const ask = async (to: string, secret: string): Promise<unknown> => {
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
      try {
        const response = await fetch(`${to}/graphql`, { method: 'POST', headers, body: '{"query":"{ viewer { role } }"}' });
        return [response.status, response.headers.get('x-request-id') !== null, await response.json()];
      } catch {
        return 'the browser refused';
      }
    };
    const answer = await page.evaluate(ask, url, key);
    await page.close();
    return answer;
  }

  test('is answered in a browser, and can read the id of its request', async () => {
    expect(await asked(edge.url, edge.admin.key)).toEqual([200, true, { data: { viewer: { role: 'ADMIN' } } }]);
  });

  test('reads why its key is refused', async () => {
    expect(await asked(edge.url, 'hg_wrong')).toMatchObject([401, true, { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }]);
  });

  test('is kept out by the browser where none is named', async () => {
    expect(await asked(closed.url, closed.admin.key)).toBe('the browser refused');
  });
});

describe('a preflight', () => {
  test('needs no key, and is good for ten minutes', async () => {
    const response = await preflight(edge.url, DESK);
    expect([response.status, allowed(response)]).toEqual([204, DESK]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '600',
    });
  });

  test.each(['https://desk.example.com.evil.example', 'http://desk.example.com', 'null'])('from %s allows nothing', async (from) => {
    expect(allowed(await preflight(edge.url, from))).toBeNull();
  });

  test('allows nothing where no origin is named', async () => {
    expect(allowed(await preflight(closed.url, DESK))).toBeNull();
  });
});

test("webhooks and health are no page's to read", async () => {
  const answers = await Promise.all(['/hook', '/healthz'].map((path) => fetch(edge.url + path, { headers: { origin: DESK } })));
  expect(answers.map((response) => [response.status, allowed(response)])).toEqual([
    [200, null],
    [200, null],
  ]);
});

test('* stands for all', async () => {
  const open = await startEdge({ corsOrigins: ['*'] });
  expect(allowed(await preflight(open.url, 'https://anywhere.example'))).toBe('*');
  await open.stop();
});
