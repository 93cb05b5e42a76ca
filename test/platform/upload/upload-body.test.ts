import { once } from 'node:events';
import { createServer, request, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { partsOf, utf8TypeOf } from '../../../src/platform/upload/upload-body.js';

const SILENCE_MS = 200;

let server: Server;
beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A request that has begun, on both sides. */
async function begin(encoding: string, first: Buffer): Promise<{ sending: ClientRequest; received: IncomingMessage }> {
  const { port } = server.address() as AddressInfo;
  const sending = request({ port, method: 'POST', headers: { 'content-encoding': encoding } });
  sending.on('error', () => undefined);
  sending.write(first);
  const [received] = (await once(server, 'request')) as [IncomingMessage];
  return { sending, received };
}

async function read(received: IncomingMessage, { storeMs = 0, silenceMs = SILENCE_MS } = {}): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of partsOf(received, silenceMs)) {
    parts.push(part);
    await sleep(storeMs);
  }
  return Buffer.concat(parts).toString();
}

const TEXT = 'to\n+14155550100\n';
const ENCODED: [string, Buffer][] = [
  ['identity', Buffer.from(TEXT)],
  ['gzip', gzipSync(TEXT)],
];

describe.each(ENCODED)('an upload with the encoding %s', (encoding, body) => {
  const half = body.length / 2;

  test('ends when its sender falls silent', async () => {
    const { received } = await begin(encoding, body.subarray(0, half));
    await expect(read(received)).rejects.toThrow('The sender has fallen silent.');
    expect(received.destroyed).toBe(true);
  });

  test('is not held against its sender when we take our time', async () => {
    const { sending, received } = await begin(encoding, body.subarray(0, half));
    const text = read(received, { storeMs: 2 * SILENCE_MS });
    sending.end(body.subarray(half));
    expect(await text).toBe(TEXT);
  });

  test('ends when its sender leaves', async () => {
    const { sending, received } = await begin(encoding, body.subarray(0, half));
    const text = read(received);
    sending.destroy();
    await expect(text).rejects.toThrow('aborted');
  });
});

describe('gzip that goes on behind zeros', () => {
  const packed = gzipSync(TEXT);
  const DAMAGED = 'The gzip data is damaged or ends too early.';

  async function sent(file: Buffer, size: number): Promise<string> {
    const { sending, received } = await begin('gzip', file.subarray(0, size));
    // Sender and reader are one process here, and a busy machine lets both stand still for longer than the other tests wait.
    const text = read(received, { silenceMs: 5_000 });
    text.catch(() => undefined);
    for (let start = size; start < file.length; start += size) {
      sending.write(file.subarray(start, start + size));
      await sleep(1);
    }
    sending.end();
    return text;
  }

  test.each([7, packed.length, packed.length + 1, packed.length + 100, 1_000_000])('is damaged, in parts of %i bytes', async (size) => {
    await expect(sent(Buffer.concat([packed, Buffer.alloc(300), packed]), size)).rejects.toThrow(DAMAGED);
    expect(await sent(Buffer.concat([packed, Buffer.alloc(300)]), size)).toBe(TEXT);
    expect(await sent(Buffer.concat([packed, packed]), size)).toBe(TEXT + TEXT);
  });

  test('is damaged wherever it does, and its sender is not waited for', async () => {
    const { sending, received } = await begin('gzip', Buffer.concat([packed, Buffer.alloc(1_000_000)]));
    const text = read(received);
    sending.write('x');
    await expect(text).rejects.toThrow(DAMAGED);
    expect(received.destroyed).toBe(false);
  });

  test.each([
    ['falls silent', () => undefined, 'The sender has fallen silent.'],
    ['leaves', (sending: ClientRequest) => sending.destroy(), 'aborted'],
  ])('ends when its sender %s among them', async (_what, end, message) => {
    const { sending, received } = await begin('gzip', Buffer.concat([packed, Buffer.alloc(100)]));
    const text = read(received);
    text.catch(() => undefined);
    await sleep(50);
    end(sending);
    await expect(text).rejects.toThrow(message);
  });
});

test.each([
  ['text/csv', 'text/csv'],
  ['Text/CSV ; header=present; charset="UTF-8"', 'text/csv'],
  ['text/csv;charset=utf8', 'text/csv'],
  ['text/csv; charset=latin1', null],
  ['text/csv; charset=utf-8; charset=latin1', null],
  ['text/csv; charset', null],
  ['text/csv; charset = latin1', null],
  ['text/csv; charset=utf-8"x"', null],
])('a text of the type %s counts as %s in UTF-8', (contentType, type) => {
  expect(utf8TypeOf(contentType)).toBe(type);
});
