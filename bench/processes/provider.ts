import { createServer } from 'node:http';

/** Answers like Twilio's message endpoint, as fast as it can; counts. In a process of its own, so that it does not share the sender's core. */
let count = 0;
let firstAt = 0;
let lastAt = 0;

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

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    count++;
    lastAt = Date.now();
    if (firstAt === 0) firstAt = lastAt;
    response.writeHead(201, { 'content-type': 'application/json' }).end(body(`SM${count.toString(16).padStart(32, '0')}`));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ url: `http://127.0.0.1:${(server.address() as { port: number }).port}` }));

process.on('message', (question) => {
  if (question === 'reset') count = firstAt = lastAt = 0;
  process.send?.({ count, firstAt, lastAt });
});
process.on('SIGTERM', () => process.exit(0));
// The bench has died.
process.on('disconnect', () => process.exit(0));
