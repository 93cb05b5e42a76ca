import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code message } } }`;
const MESSAGE = `query ($id: ID!) { message(id: $id) { status attempts error { kind retryable code } events { status applied } } }`;

async function send(to: string, channel = 'SMS'): Promise<string> {
  const { sendMessage } = await run.api.mutate(SEND, { input: { to, body: 'Hello', channels: [channel] } });
  expect(sendMessage.userErrors).toEqual([]);
  return sendMessage.message.id;
}

const read = async (id: string) => (await run.api.query(MESSAGE, { id })).message;

async function ends(
  id: string,
  status: string,
): Promise<{ status: string; attempts: number; error: any; events: { status: string; applied: boolean }[] }> {
  return eventually(async () => {
    const message = await read(id);
    expect(message.status).toBe(status);
    return message;
  }, 15_000);
}

const path = (message: { events: { status: string; applied: boolean }[] }): string[] =>
  message.events.filter(({ applied }) => applied).map(({ status }) => status);

describe('a message to a simulator number', () => {
  test.each([
    ['+15005550001', 'INVALID_RECIPIENT'],
    ['+15005550002', 'OPTED_OUT'],
    ['+15005550003', 'INVALID_RECIPIENT'],
    ['+15005550004', 'CONTENT_REJECTED'],
  ])('%s is refused at once as %s and never taken', async (to, kind) => {
    const id = await send(to);
    expect(await ends(id, 'FAILED')).toMatchObject({ attempts: 1, error: { kind, retryable: false } });
    expect({ asked: run.simulator.asked(id), taken: run.simulator.taken(id) }).toEqual({ asked: 1, taken: 0 });
  });

  test('+15005550009 is sent, then reported undelivered, and is not sent again', async () => {
    const id = await send('+15005550009');
    const message = await ends(id, 'FAILED');
    expect(path(message)).toEqual(['QUEUED', 'SENDING', 'SENT', 'FAILED']);
    expect(message.error).toMatchObject({ kind: 'UNREACHABLE', retryable: false });
    expect(run.simulator.taken(id)).toBe(1);
  });

  test('+15005550010 never answers, is told of by its receipt, and is taken exactly once', async () => {
    const id = await send('+15005550010');
    expect(await ends(id, 'DELIVERED')).toMatchObject({ attempts: 1 });
    expect({ asked: run.simulator.asked(id), taken: run.simulator.taken(id) }).toEqual({ asked: 1, taken: 1 });
  });

  test('+15005550011 is accepted after two rate limits, which take no attempt', async () => {
    const id = await send('+15005550011');
    expect(await ends(id, 'DELIVERED')).toMatchObject({ attempts: 1, error: null });
    expect({ asked: run.simulator.asked(id), taken: run.simulator.taken(id) }).toEqual({ asked: 3, taken: 1 });
  });

  test('+15005550012 is accepted at the third attempt', async () => {
    const id = await send('+15005550012');
    const message = await ends(id, 'DELIVERED');
    expect(message.attempts).toBe(3);
    expect(path(message).slice(0, 6)).toEqual(['QUEUED', 'SENDING', 'QUEUED', 'SENDING', 'QUEUED', 'SENDING']);
    expect({ asked: run.simulator.asked(id), taken: run.simulator.taken(id) }).toEqual({ asked: 3, taken: 1 });
  });

  test('+15005550013 ends DELIVERED through repeated and reordered receipts', async () => {
    const id = await send('+15005550013');
    await ends(id, 'DELIVERED');
    const message = await eventually(async () => {
      const found = await read(id);
      expect(found.events.filter(({ applied }: { applied: boolean }) => !applied).length).toBeGreaterThan(1);
      return found;
    });
    expect(message.status).toBe('DELIVERED');
    expect(path(message).at(-1)).toBe('DELIVERED');
    expect(run.simulator.taken(id)).toBe(1);
  });

  test('+15005550014 stays SENT without a receipt, and a look-up finds what became of it', async () => {
    const id = await send('+15005550014');
    await ends(id, 'SENT');
    await eventually(async () => {
      const { refreshMessageStatus } = await run.api.mutate(
        'mutation ($id: ID!) { refreshMessageStatus(id: $id) { message { status } userErrors { code } } }',
        { id },
      );
      expect(refreshMessageStatus).toMatchObject({ message: { status: 'DELIVERED' }, userErrors: [] });
    });
    expect(run.simulator.taken(id)).toBe(1);
  });

  test('+15005550015 is SENT soon and DELIVERED late', async () => {
    const id = await send('+15005550015');
    await ends(id, 'SENT');
    expect(path(await ends(id, 'DELIVERED'))).toEqual(['QUEUED', 'SENDING', 'SENT', 'DELIVERED']);
  });

  test('+15005550016 is never taken: it is asked for again only after a look-up, and ends FAILED', async () => {
    const id = await send('+15005550016');
    const message = await ends(id, 'FAILED');
    expect(message).toMatchObject({ attempts: 3, error: { kind: 'TIMEOUT' } });
    expect(path(message).filter((status) => status === 'UNCONFIRMED')).toHaveLength(3);
    expect({ asked: run.simulator.asked(id), taken: run.simulator.taken(id) }).toEqual({ asked: 3, taken: 0 });
  });

  test('any other is delivered, and on WhatsApp read', async () => {
    await given.session(run);
    const [sms, whatsApp] = await Promise.all([send('+14155550100'), send('+14155550100', 'WHATSAPP')]);
    await ends(sms, 'DELIVERED');
    expect(path(await ends(whatsApp, 'READ'))).toEqual(['QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'READ']);
    expect([run.simulator.taken(sms), run.simulator.taken(whatsApp)]).toEqual([1, 1]);
  });
});
