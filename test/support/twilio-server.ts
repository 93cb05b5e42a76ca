import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebhookRequest } from '../../src/delivery/provider.js';
import { newSid, refusal, rfc2822, TwilioAccount, type TwilioMessage, type TwilioRequest } from './twilio-account.js';

/** What the next request meets. Without `answer` it is served as usual, after `delayMs`. */
export interface Behaviour {
  delayMs?: number;
  answer?: 'cut' | 'silence' | { status: number; code?: number; body?: string; headers?: Record<string, string> };
  /** The message is taken although the answer does not say so. */
  take?: boolean;
  times?: number;
}

export interface ReceiptOptions {
  errorCode?: number;
  /** I-Twilio-Idempotency-Token, a new one unless given; null leaves it out. */
  token?: string | null;
  extra?: Record<string, string>;
}

interface IncomingOptions {
  /** Our webhook, as it is configured at Twilio. */
  url: string;
  from: string;
  to: string;
  body: string;
  mediaUrls?: string[];
  extra?: Record<string, string>;
}

/** An HTTP server that behaves like api.twilio.com for one account, and calls back. */
export class TwilioServer {
  readonly requests: TwilioRequest[] = [];
  readonly account: TwilioAccount;
  readonly #behaviours: Behaviour[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(accountSid: string, authToken: string) {
    this.account = new TwilioAccount(accountSid, authToken);
  }

  async listen(port: number): Promise<this> {
    await once(this.#server.listen(port, '127.0.0.1'), 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Of a program that sends everything by this server. */
  get settings() {
    return {
      MESSAGING_MOCK_MODE: 'false',
      SMS_PROVIDER: 'twilio',
      WHATSAPP_PROVIDER: 'twilio',
      TWILIO_ACCOUNT_SID: this.account.sid,
      TWILIO_AUTH_TOKEN: this.account.authToken,
      TWILIO_FROM_NUMBER: '+15005550006',
      TWILIO_WHATSAPP_NUMBER: '+15005550007',
      TWILIO_API_BASE_URL: this.url,
    };
  }

  /** In the order they were taken. */
  get messages(): TwilioMessage[] {
    return [...this.account.messages.values()];
  }

  /** For the coming requests, one after the other; then all is as usual again. */
  next(...behaviours: Behaviour[]): void {
    for (const behaviour of behaviours) for (let n = behaviour.times ?? 1; n > 0; n--) this.#behaviours.push(behaviour);
  }

  /** How often a message of ours was taken. */
  sent(messageId: string): number {
    return this.#sidsOf(messageId).length;
  }

  /** By sid or by our message id (the latest, if it was taken more than once). */
  message(sidOrMessageId: string): TwilioMessage {
    const { messages } = this.account;
    const message = messages.get(sidOrMessageId) ?? messages.get(this.#sidsOf(sidOrMessageId).at(-1) ?? '');
    if (!message) throw new Error(`Twilio has no message ${sidOrMessageId}`);
    return message;
  }

  /** The message takes the status; returned is the signed status callback for it. */
  receipt(sidOrMessageId: string, status: string, { errorCode, token = randomUUID(), extra }: ReceiptOptions = {}): WebhookRequest {
    const message = this.message(sidOrMessageId);
    const url = this.account.callbacks.get(message.sid);
    if (!url) throw new Error(`Message ${message.sid} came without a StatusCallback`);
    Object.assign(message, { status, error_code: errorCode ?? null, date_sent: message.date_sent ?? rfc2822(new Date()) });
    const form = new URLSearchParams({
      AccountSid: this.account.sid,
      ApiVersion: '2010-04-01',
      From: message.from ?? '',
      MessageSid: message.sid,
      MessageStatus: status,
      SmsSid: message.sid,
      SmsStatus: status,
      To: message.to,
      ...(errorCode === undefined ? {} : { ErrorCode: String(errorCode) }),
      ...(status === 'read' ? { ChannelPrefix: 'whatsapp', EventType: 'READ' } : {}),
      ...extra,
    });
    return this.sign(url, form, token === null ? {} : { 'i-twilio-idempotency-token': token });
  }

  postReceipt(sidOrMessageId: string, status: string, options?: ReceiptOptions): Promise<Response> {
    return post(this.receipt(sidOrMessageId, status, options));
  }

  /** A message from a person, signed. */
  incoming({ url, from, to, body, mediaUrls = [], extra = {} }: IncomingOptions): WebhookRequest {
    const sid = newSid(mediaUrls.length > 0 ? 'MM' : 'SM');
    const form = new URLSearchParams({
      MessageSid: sid,
      SmsSid: sid,
      SmsMessageSid: sid,
      SmsStatus: 'received',
      AccountSid: this.account.sid,
      ApiVersion: '2010-04-01',
      From: from,
      To: to,
      Body: body,
      NumMedia: String(mediaUrls.length),
      ...extra,
    });
    mediaUrls.forEach((mediaUrl, index) => form.set(`MediaUrl${index}`, mediaUrl));
    return this.sign(url, form);
  }

  postIncoming(options: IncomingOptions): Promise<Response> {
    return post(this.incoming(options));
  }

  /** Written from the description of the algorithm, without the SDK, so that the two check each other. */
  sign(url: string, form: URLSearchParams, headers: Record<string, string> = {}): WebhookRequest {
    const names = [...new Set(form.keys())].toSorted();
    const signed = url + names.flatMap((name) => [...new Set(form.getAll(name))].toSorted().map((value) => name + value)).join('');
    const signature = createHmac('sha1', this.account.authToken).update(signed).digest('base64');
    return {
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature, ...headers },
      rawBody: form.toString(),
    };
  }

  async close(): Promise<void> {
    const closed = once(this.#server.close(), 'close');
    this.#server.closeAllConnections();
    await closed;
  }

  #sidsOf(messageId: string): string[] {
    return [...this.account.callbacks].filter(([, url]) => new URL(url).searchParams.get('m') === messageId).map(([sid]) => sid);
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming);
    this.requests.push(request);
    const { delayMs, answer, take } = this.#behaviours.shift() ?? {};
    if (take) this.account.take(request.form);
    if (delayMs !== undefined) await sleep(delayMs);
    if (answer === 'silence') return;
    if (answer === 'cut') response.destroy();
    else if (answer) write(response, answer.status, answer.body ?? refusal(answer.status, answer.code ?? 20500)[1], answer.headers);
    else write(response, ...this.account.answer(request));
  }
}

/** The port is a free one unless given. */
export const startTwilioServer = ({
  accountSid = `AC${'1'.padStart(32, '0')}`,
  authToken = 'fake_auth_token_for_tests',
  port = 0,
} = {}): Promise<TwilioServer> => new TwilioServer(accountSid, authToken).listen(port);

const post = ({ url, headers, rawBody }: WebhookRequest): Promise<Response> =>
  fetch(url, { method: 'POST', headers: headers as Record<string, string>, body: rawBody });

async function read(incoming: IncomingMessage): Promise<TwilioRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://twilio');
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  return {
    method: incoming.method ?? 'GET',
    path: pathname,
    query: searchParams,
    form,
    headers: incoming.headers,
    remotePort: incoming.socket.remotePort,
  };
}

function write(response: ServerResponse, status: number, body: object | string, headers?: Record<string, string>): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  if (status === 204) return void response.end();
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
