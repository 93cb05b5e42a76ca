import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id status to body segments encoding } duplicate userErrors { code message field } }
}`;
const CHANGES = `subscription ($filter: MessageFilter, $after: String) {
  messageStatusChanged(filter: $filter, after: $after) { messageId status previousStatus cursor message { to } }
}`;

describe('a message', () => {
  test('goes from the mutation to DELIVERED, and a subscriber sees every step', async () => {
    const changes = run.api.subscribe(CHANGES, { filter: { reference: 'first' } });
    await changes.connected;
    await new Promise((resolve) => setTimeout(resolve, 300));
    const data = await run.api.mutate(SEND, { input: { to: '+14155550100', body: 'Hello', reference: 'first' } });
    expect(data.sendMessage).toMatchObject({
      message: { status: 'QUEUED', to: '+14155550100', segments: 1 },
      duplicate: false,
      userErrors: [],
    });
    const seen = await changes.take(4);
    expect(seen.map(({ messageStatusChanged: { status } }: any) => status)).toEqual(['QUEUED', 'SENDING', 'SENT', 'DELIVERED']);
    expect(run.simulator.taken(data.sendMessage.message.id)).toBe(1);
    await changes.close();
  });
});
