import { KeepAlive } from '../keep-alive.js';
import { receiptRequest } from '../twilio-receipt.js';

/** Posts a signed receipt for each message, as fast as they are answered. */
export interface PostReceipts {
  origin: string;
  connections: number;
  messages: { id: string; sid: string; to: string }[];
}

export interface Posted {
  seconds: number;
  statuses: Map<string, number>;
}

async function post({ origin, connections, messages }: PostReceipts): Promise<Posted> {
  const requests = messages.map((one) => receiptRequest(origin, { ...one, status: 'delivered' }));
  const server = await KeepAlive.open(origin, connections);
  const began = performance.now();
  await server.post(requests);
  const seconds = (performance.now() - began) / 1000;
  server.close();
  return { seconds, statuses: server.statuses };
}

process.on('message', (question) => {
  void post(question as PostReceipts).then((answer) => process.send?.(answer));
});
process.send?.('ready');
