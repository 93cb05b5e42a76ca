import { KeepAlive } from '../keep-alive.js';
import { quantile } from '../result.js';
import type { SentMessage } from '../sent-messages.js';
import { subscribe } from '../subscription.js';
import { receiptRequest } from '../twilio-receipt.js';

/** Posts receipts at an even rate, and takes the time of each until a subscriber has it: both here, so by one clock. */
export interface Measure {
  url: string;
  key: string;
  perSecond: number;
  warm: number;
  messages: SentMessage[];
}

export interface Latencies {
  p50: number;
  p95: number;
  p99: number;
  most: number;
  missing: number;
  perSecond: number;
}

const STEP_MS = 4;

async function measure({ url, key, perSecond, warm, messages }: Measure): Promise<Latencies> {
  const requests = messages.map((one) => ({ id: one.id, bytes: receiptRequest(url, { ...one, status: 'delivered' }) }));
  const sentAt = new Map<string, number>();
  const took: number[] = [];
  const query = 'subscription { messageStatusChanged { messageId status at cursor } }';
  await subscribe(url, key, query, (text) => {
    const { messageId } = (JSON.parse(text) as { payload: { data: { messageStatusChanged: { messageId: string } } } }).payload.data
      .messageStatusChanged;
    const sent = sentAt.get(messageId);
    if (sent !== undefined) took.push(performance.now() - sent);
    sentAt.delete(messageId);
  });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const server = await KeepAlive.open(url, 200);
  const began = performance.now();
  for (let next = 0; next < requests.length;) {
    const due = Math.min(requests.length, Math.floor(((performance.now() - began) * perSecond) / 1000));
    for (; next < due; next++) {
      const request = requests[next];
      if (!request) break;
      if (next >= warm) sentAt.set(request.id, performance.now());
      server.add(request.bytes);
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  const seconds = (performance.now() - began) / 1000;
  for (let waited = 0; sentAt.size > 0 && waited < 100; waited++) await new Promise((resolve) => setTimeout(resolve, 50));
  server.close();
  return {
    p50: quantile(took, 0.5),
    p95: quantile(took, 0.95),
    p99: quantile(took, 0.99),
    most: Math.max(...took),
    missing: sentAt.size,
    perSecond: requests.length / seconds,
  };
}

process.on('message', (question) => {
  void measure(question as Measure).then((answer) => process.send?.(answer));
});
process.send?.('ready');
