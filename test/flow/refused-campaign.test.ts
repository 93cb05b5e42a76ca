import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { given, messageIn } from '../support/given.js';
import { BATCH } from '../support/operations.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTwilioServer, type TwilioServer } from '../support/twilio-server.js';

const CAMPAIGN = 150;

let twilio: TwilioServer;
let run: TestApp;

beforeAll(async () => {
  twilio = await startTwilioServer();
  run = await startTestApp({
    ...twilio.settings,
    PUBLIC_URL: 'http://127.0.0.1:9',
    // A machine that stands still for a moment is no outage.
    PROVIDER_TIMEOUT_SECONDS: '5',
  });
});
afterAll(async () => {
  await run.stop();
  await twilio.close();
});

const failedOf = async (id: string): Promise<number> => {
  const { batch } = await run.api.query(BATCH, { id });
  return batch.counts.find(({ status }: { status: string }) => status === 'FAILED')?.count ?? 0;
};

test("a campaign to a country that the account may not serve stops nobody else's codes", async () => {
  const other = await run.withTenant('other');
  twilio.account.closed.add('+234');
  const recipients = Array.from({ length: CAMPAIGN }, (_, n) => ({ to: `+234803123${1000 + n}` }));
  const { id } = await given.batch(run.api, { recipients });
  await eventually(async () => expect(await failedOf(id)).toBeGreaterThan(20), 20_000);
  const codes = await Promise.all(
    Array.from({ length: 10 }, () => given.message(other.sender, { category: 'AUTHENTICATION', body: 'Your code is 123456' })),
  );
  for (const code of codes) await messageIn(other.sender, 'SENT', code.id);
  const { providers } = await run.api.query('{ providers { name circuit } }');
  expect(providers).toContainEqual({ name: 'twilio', circuit: 'CLOSED' });
  await eventually(async () => expect(await failedOf(id)).toBe(CAMPAIGN), 20_000);
}, 60_000);
