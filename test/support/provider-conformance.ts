import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MessageProvider, type OutboundMessage, ProviderError, type WebhookRequest } from '../../src/delivery/provider.js';

/** What the far side does with the next message. */
export type FarSide = 'takes it' | 'refuses the number' | 'is too busy' | 'takes it and never answers' | 'never answers and never took it';

/** What the suite must know about a provider's far side to make it misbehave. */
export interface ProviderDriver {
  readonly provider: MessageProvider;
  /** Prepares the far side; returns the message to send for it, because some far sides decide by the number. */
  arrange(farSide: FarSide, message: OutboundMessage): OutboundMessage;
  /** How often the far side has taken this message. */
  taken(messageId: string): number;
  /** A signed report, in the far side's own words, on a message that it has taken. */
  report(messageId: string, status: 'delivered' | 'failed' | 'a new word'): WebhookRequest | Promise<WebhookRequest>;
  /** The far side is gone: connections are refused. */
  vanish(): Promise<void>;
  /** What no error may show, beside number and body. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

export const outbound = (message: Partial<OutboundMessage> = {}): OutboundMessage => ({
  id: crypto.randomUUID(),
  attempt: 1,
  channel: 'SMS',
  category: 'UTILITY',
  to: '+966500000001',
  from: null,
  body: 'Your visit is tomorrow at 09:30.',
  mediaUrls: [],
  expiresAt: null,
  trace: null,
  ...message,
});

/** Never aborted. */
export const patience = (): AbortSignal => new AbortController().signal;

/** The error of a send that must fail. */
export async function failureOf(provider: MessageProvider, message: OutboundMessage, signal = patience()): Promise<ProviderError> {
  const error: unknown = await provider.send(message, signal).then(
    () => 'the message was accepted',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProviderError);
  return error as ProviderError;
}

/** What every provider promises. `start` must give time-outs well below a second. */
export function describeProvider(name: string, start: () => Promise<ProviderDriver>): void {
  describe(`${name} as a provider`, () => {
    let driver: ProviderDriver;
    beforeEach(async () => void (driver = await start()));
    afterEach(() => driver.close());
    sendingPromises(() => driver);
    lookUpPromises(() => driver);
    webhookPromises(() => driver);
  });
}

function sendingPromises(driver: () => ProviderDriver): void {
  test('a message is taken once and has an id', async () => {
    const message = driver().arrange('takes it', outbound());
    const { providerMessageId } = await driver().provider.send(message, patience());
    expect(providerMessageId).not.toBe('');
    expect(driver().taken(message.id)).toBe(1);
  });

  test.each([
    ['refuses the number', { answered: true, retryable: false }, 'INVALID_RECIPIENT', 0],
    ['is too busy', { answered: true, retryable: true }, 'RATE_LIMITED', 0],
    ['takes it and never answers', { answered: false }, 'TIMEOUT', 1],
    ['never answers and never took it', { answered: false }, 'TIMEOUT', 0],
  ] as const)('the far side that %s is told apart', async (farSide, options, kind, taken) => {
    const message = driver().arrange(farSide, outbound());
    const error = await failureOf(driver().provider, message);
    expect(error).toMatchObject({ kind, options });
    expect(driver().taken(message.id)).toBe(taken);
  });

  test('a refused connection is an answer: nothing was sent', async () => {
    await driver().vanish();
    const error = await failureOf(driver().provider, outbound());
    expect(error).toMatchObject({ kind: 'PROVIDER_UNAVAILABLE', options: { answered: true, retryable: true } });
    await expect(driver().provider.ping(patience())).rejects.toThrow();
  });

  test('a call withdrawn before it began sends nothing', async () => {
    const message = outbound();
    const error = await failureOf(driver().provider, message, AbortSignal.abort());
    expect(error.options).toMatchObject({ answered: true, retryable: true });
    expect(driver().taken(message.id)).toBe(0);
  });

  test.each(['refuses the number', 'takes it and never answers'] as const)(
    'the error of one that %s shows nothing private',
    async (farSide) => {
      const message = driver().arrange(farSide, outbound());
      const error = await failureOf(driver().provider, message);
      const shown = `${inspect(error, { depth: null, showHidden: true })} ${JSON.stringify(error)} ${error.message}`;
      for (const hidden of [message.to, message.to.slice(1), message.body, ...driver().secrets]) expect(shown).not.toContain(hidden);
    },
  );

  test('a far side that is there and knows us answers a ping', async () => {
    await expect(driver().provider.ping(patience())).resolves.toBeUndefined();
  });
}

function lookUpPromises(driver: () => ProviderDriver): void {
  const lookUp = (message: OutboundMessage, providerMessageId: string | null, notBefore: Date) =>
    driver().provider.lookUp({ ...message, providerMessageId, notBefore }, patience());

  test('a message is found by its id', async () => {
    const [message, notBefore] = [driver().arrange('takes it', outbound()), new Date()];
    const { providerMessageId } = await driver().provider.send(message, patience());
    const found = await lookUp(message, providerMessageId, notBefore);
    expect(found).toMatchObject({ found: true, providerMessageId, receipt: { messageId: message.id, attempt: 1, providerMessageId } });
  });

  test('a message that was taken without an answer is found', async () => {
    const [message, notBefore] = [driver().arrange('takes it and never answers', outbound()), new Date()];
    await failureOf(driver().provider, message);
    expect(await lookUp(message, null, notBefore)).toMatchObject({ found: true, receipt: { messageId: message.id } });
  });

  test('a message that was never taken is surely not there', async () => {
    const [message, notBefore] = [driver().arrange('never answers and never took it', outbound()), new Date()];
    await failureOf(driver().provider, message);
    expect(await lookUp(message, null, notBefore)).toEqual({ found: false });
  });

  test('a far side that is gone cannot tell', async () => {
    await driver().vanish();
    expect(await lookUp(outbound(), null, new Date())).toMatchObject({ found: 'unknown' });
  });
}

function webhookPromises(driver: () => ProviderDriver): void {
  const send = async () => {
    const message = driver().arrange('takes it', outbound({ attempt: 2 }));
    const { providerMessageId } = await driver().provider.send(message, patience());
    return { message, providerMessageId, read: (request: WebhookRequest) => driver().provider.webhooks.receipts(request) };
  };

  test('a report carries our message id and attempt, and is equal to its repeat', async () => {
    const { message, providerMessageId, read } = await send();
    const request = await driver().report(message.id, 'delivered');
    const [receipt] = read(request);
    expect(receipt).toMatchObject({ messageId: message.id, attempt: 2, providerMessageId, status: 'DELIVERED', error: null });
    expect(read(request)[0]?.dedupeKey).toBe(receipt?.dedupeKey);
  });

  test('a failure says why', async () => {
    const { message, read } = await send();
    const [receipt] = read(await driver().report(message.id, 'failed'));
    expect(receipt).toMatchObject({ status: 'FAILED', error: { kind: expect.any(String), message: expect.any(String) } });
  });

  test('a word we do not know is kept and changes nothing', async () => {
    const { message, read } = await send();
    expect(read(await driver().report(message.id, 'a new word'))).toMatchObject([{ messageId: message.id, status: null, error: null }]);
  });

  test('a report with a changed body, another address or no signature is refused', async () => {
    const { message, read } = await send();
    const request = await driver().report(message.id, 'delivered');
    const refused = expect.objectContaining({ code: 'INVALID_SIGNATURE' });
    expect(() => read({ ...request, rawBody: `${request.rawBody} ` })).toThrow(refused);
    expect(() => read({ ...request, url: `${request.url}1` })).toThrow(refused);
    expect(() => read({ ...request, headers: {} })).toThrow(refused);
  });
}
