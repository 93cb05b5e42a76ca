import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';

/**
 * - pass: as if nothing stood between
 * - refuse: 500, never handed on (the simulator's word for a certain refusal)
 * - limit: 429, never handed on
 * - lose: cut before it is handed on
 * - cut: handed on and taken, but the answer is cut
 * - hang: handed on and taken, but never answered
 * - late: handed on and taken, but answered `lateMs` later
 * - swallow: neither handed on nor answered
 */
const FAULTS = ['pass', 'refuse', 'limit', 'lose', 'cut', 'hang', 'late', 'swallow'] as const;
export type Fault = (typeof FAULTS)[number];

export interface ProviderProxy {
  url: string;
  /** Asked for each send; look-ups always pass. */
  decide: () => Fault;
  /** Told of each message that the provider has taken, before its answer goes back. */
  took: (messageId: string) => void;
  /** Before a call is handed on, even if the caller has given up by then. */
  delayMs: number;
  /** Between what the provider does and its answer. */
  answerMs: number;
  /** Of the calls that are late. */
  lateMs: number;
  /** How many sends met each fault since it started. */
  readonly met: Readonly<Record<Fault, number>>;
  /** What was asked about, in order: the path of each look-up. */
  readonly lookUps: string[];
  /** Calls that are still to be handed on or answered. */
  readonly underWay: number;
  /** Calls whose caller was gone before the answer. */
  readonly abandoned: number;
  /** Of those, the ones that were late. */
  readonly lateToNobody: number;
  close(): Promise<void>;
}

/** Stands before the simulator and spoils what passes. */
export async function startProviderProxy(simulatorUrl: string): Promise<ProviderProxy> {
  const simulator = new Pool(simulatorUrl, { connections: 128, headersTimeout: 0, bodyTimeout: 0 });
  let underWay = 0;
  let abandoned = 0;
  let lateToNobody = 0;
  const met = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  const server = createServer((request, response) => {
    underWay++;
    if (request.method === 'GET' && request.url?.startsWith('/messages')) proxy.lookUps.push(request.url);
    response.once('close', () => {
      if (!response.writableFinished) abandoned++;
    });
    void handle(request, response)
      .catch(() => response.destroy())
      .finally(() => underWay--);
  });
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const isSend = request.method === 'POST';
    const fault = isSend ? proxy.decide() : 'pass';
    if (isSend) met[fault]++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (isSend) await sleep(proxy.delayMs);
    const early = EARLY_ENDS[fault];
    if (early) return early(response);
    const body = Buffer.concat(chunks);
    const { status, text } = await handOn(simulator, request, body);
    if (isSend && status === 201) proxy.took((JSON.parse(body.toString()) as { id: string }).id);
    if (fault === 'hang') return;
    if (isSend) await sleep(fault === 'late' ? proxy.lateMs : proxy.answerMs);
    if (fault === 'late' && response.destroyed) lateToNobody++;
    if (fault === 'cut') return void response.destroy();
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  };
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: ProviderProxy = {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    decide: () => 'pass',
    took: () => undefined,
    delayMs: 0,
    answerMs: 0,
    lookUps: [],
    lateMs: 0,
    met,
    get underWay() {
      return underWay;
    },
    get abandoned() {
      return abandoned;
    },
    get lateToNobody() {
      return lateToNobody;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await simulator.destroy();
    },
  };
  return proxy;
}

async function handOn(simulator: Pool, request: IncomingMessage, body: Buffer): Promise<{ status: number; text: string }> {
  const answered = await simulator.request({
    path: request.url ?? '/',
    method: request.method as 'GET',
    headers: { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' },
    body: body.length > 0 ? body : null,
  });
  return { status: answered.statusCode, text: await answered.body.text() };
}

const sleep = async (ms: number): Promise<void> => void (ms > 0 && (await pause(ms)));

const answer = (response: ServerResponse, status: number): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' })
    .end(JSON.stringify({ code: 'unavailable', message: 'spoiled' }));

/** What becomes of a call that is never handed on. */
const EARLY_ENDS: Partial<Record<Fault, (response: ServerResponse) => void>> = {
  lose: (response) => void response.destroy(),
  swallow: () => undefined,
  refuse: (response) => answer(response, 500),
  limit: (response) => answer(response, 429),
};
