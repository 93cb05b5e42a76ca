import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { startTestApp, TEST_KEY, type TestApp } from '../support/test-app.js';

const BUILD = join(import.meta.dirname, '../../scripts/build-playground.mjs');
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { userErrors { code } } }';

let run: TestApp;
let browser: Browser;

// A browser beside other tests on a small machine takes its time.
describe('the playground', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    await promisify(execFile)(process.execPath, [BUILD]);
    run = await startTestApp({ SIMULATOR_SPEED: '20' });
    browser = await launchBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await run?.stop();
  });

  test('takes a key from the address, hides it, and says whose it is', async () => {
    const { page } = await openPlayground();
    await soon(async () => expect(await textOf(page, '.key-bar output')).toBe('Demo · ADMIN · First key'));
    expect(page.url()).toBe(`${run.url}/playground/`);
  });

  test('asks for a key when there is none, and takes the one that is typed', async () => {
    const { page } = await openPlayground('');
    expect(await textOf(page, '.key-bar output')).toBe('Paste the API key that the program printed when it started.');
    await page.type('#key', TEST_KEY);
    await page.keyboard.press('Enter');
    await soon(async () => expect(await textOf(page, '.key-bar output')).toBe('Demo · ADMIN · First key'));
  });

  test('sends a message, and shows its delivery and that of others live', async () => {
    const { page } = await openPlayground();
    await runTab(page, 'SendMessage');
    await soon(async () => expect(await answer(page)).toContain('"status": "QUEUED"'));
    await runTab(page, 'WatchDeliveries');
    await soon(async () => expect(await answer(page)).toMatch(/^{ "data": {[^}]+"previousStatus": "SENT", "status": "DELIVERED"/));
    await run.api.mutate(SEND, { input: { to: '+15005550001', body: 'Hello' } });
    await soon(async () => expect(await answer(page)).toMatch(/^{ "data": {[^}]+"status": "FAILED"[^}]+"kind": "INVALID_RECIPIENT"/));
  });

  test('finds no fault with the variables of a template', async () => {
    const { page } = await openPlayground();
    await runTab(page, 'PreviewTemplate');
    await soon(async () => expect(await answer(page)).toContain('تم حجز موعدك'));
    // Within which the editor looks at what stands in it.
    await pause(2_000);
    expect(await page.$$('.squiggly-error')).toEqual([]);
  });

  test('shows an answer in Arabic whole', async () => {
    const { page } = await openPlayground();
    await page.setViewport({ width: 1280, height: 800 });
    await runTab(page, 'PreviewTemplate');
    await soon(async () => expect(await answer(page)).toContain('تم حجز موعدك'));
    const edges = await page.$$eval('.graphiql-response .view-line > span', (lines) =>
      lines.map((line) => line.getBoundingClientRect().right),
    );
    expect(Math.max(...edges)).toBeLessThanOrEqual(1280);
  });

  test('has examples that run as they are, and asks nothing of other machines', async () => {
    const { page, hosts, complaints } = await openPlayground();
    const names = await page.$$eval('.graphiql-tab-button', (tabs) => tabs.map(({ textContent }) => textContent));
    expect(names).toHaveLength(10);
    for (const name of names) {
      await runTab(page, name);
      await soon(async () => expect(await answer(page)).toMatch(/^{ "data": { "\w+": /));
    }
    expect([...hosts]).toEqual([new URL(run.url).host]);
    expect(complaints).toEqual([]);
  });
});

const soon = (check: () => Promise<void>): Promise<void> => eventually(check, 15_000);

interface Opened {
  page: Page;
  /** Of all requests, those of the editor's workers too. */
  hosts: Set<string>;
  /** Errors in the browser's console; what its security policy refuses is among them. */
  complaints: string[];
}

/** In a browser profile of its own. */
async function openPlayground(key = TEST_KEY): Promise<Opened> {
  const profile = await browser.createBrowserContext();
  onTestFinished(() => profile.close());
  const page = await profile.newPage();
  const hosts = new Set<string>();
  const complaints: string[] = [];
  page.on('request', (request) => /^(?:data|blob):/.test(request.url()) || hosts.add(new URL(request.url()).host));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.setViewport({ width: 1400, height: 900 });
  await page.goto(`${run.url}/playground${key && `#key=${key}`}`);
  await page.waitForSelector('.graphiql-query-editor .view-line');
  return { page, hosts, complaints };
}

async function runTab(page: Page, name: string): Promise<void> {
  await page.locator(`.graphiql-tab-button ::-p-text(${name})`).click();
  await page.locator('.graphiql-execute-button').click();
}

/** As far as it is on the screen, on one line. */
const answer = (page: Page): Promise<string> => textOf(page, '.graphiql-response .view-lines');

async function textOf(page: Page, selector: string): Promise<string> {
  const text = await page.$eval(selector, (element) => (element as unknown as { innerText: string }).innerText);
  return text.replaceAll(/\s+/g, ' ');
}
