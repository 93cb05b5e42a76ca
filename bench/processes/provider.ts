import { createServer, type IncomingMessage } from 'node:http';
import { KeepAlive } from '../keep-alive.js';
import { receiptRequest } from '../twilio-receipt.js';

/** Answers like Twilio's message endpoint, as fast as it can; counts, and reports when it is told where to. In a process of its own, so that it does not share the sender's core. */
let count = 0;
let firstAt = 0;
let lastAt = 0;
/** Where reports go, once it is known; without it nothing is reported. */
let reports: { origin: string; server: KeepAlive } | null = null;

const body = (sid: string): string =>
  JSON.stringify({
    sid,
    account_sid: 'AC00000000000000000000000000000001',
    api_version: '2010-04-01',
    body: 'x',
    date_created: 'Fri, 20 Nov 2026 12:00:00 +0000',
    date_sent: null,
    date_updated: 'Fri, 20 Nov 2026 12:00:00 +0000',
    direction: 'outbound-api',
    error_code: null,
    error_message: null,
    from: '+15005550006',
    messaging_service_sid: null,
    num_media: '0',
    num_segments: '1',
    price: null,
    price_unit: 'USD',
    status: 'queued',
    subresource_uris: { media: '/m' },
    to: '+14155550100',
    uri: '/m',
  });

const sidOf = (index: number): string => `SM${index.toString(16).padStart(32, '0')}`;

async function report(request: IncomingMessage, sid: string): Promise<void> {
  if (!reports) return void request.resume();
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const form = new URLSearchParams(text);
  const id = new URL(form.get('StatusCallback') ?? '').searchParams.get('m') ?? '';
  reports.server.add(receiptRequest(reports.origin, { id, sid, status: 'delivered', to: form.get('To') ?? '' }));
}

const server = createServer((request, response) => {
  const sid = sidOf(++count);
  request.on('end', () => {
    lastAt = Date.now();
    if (firstAt === 0) firstAt = lastAt;
    response.writeHead(201, { 'content-type': 'application/json' }).end(body(sid));
  });
  void report(request, sid);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ url: `http://127.0.0.1:${(server.address() as { port: number }).port}` }));

async function answer(question: 'count' | 'reset' | { reportTo: string }): Promise<void> {
  if (question === 'reset') count = firstAt = lastAt = 0;
  else if (question !== 'count') reports = { origin: question.reportTo, server: await KeepAlive.open(question.reportTo, 64) };
  process.send?.({ count, firstAt, lastAt, reported: reports?.server.statuses.get('200') ?? 0 });
}

process.on('message', (question) => void answer(question as Parameters<typeof answer>[0]));
process.on('SIGTERM', () => process.exit(0));
