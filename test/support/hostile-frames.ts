import fc from 'fast-check';
import { anything, documents, times, variables } from './hostile-requests.js';

/** What a client of the socket does, one piece after the other. */
export interface HostileSession {
  /** Whether it signs in before. */
  signsIn: boolean;
  /** Texts and binaries become frames. */
  frames: (string | Buffer)[];
}

const id = fc.oneof(
  fc.constantFrom('1', '2', '', '__proto__', 'constructor', '\u0000'),
  times(200_000).map((length) => 'x'.repeat(length)),
  anything,
);
const TYPES = ['connection_init', 'connection_ack', 'subscribe', 'next', 'error', 'complete', 'ping', 'pong'];
const type = fc.oneof(fc.constantFrom(...TYPES, 'start', 'stop', '__proto__', ''), anything);

const operation = fc.oneof(
  documents.map((query) => ({ query })),
  documents.map((query) => ({ query: query.replace(/^(query |mutation )?\{/, 'subscription {') })),
  variables.map(([query, values]) => ({ query, variables: values })),
  fc.constantFrom(
    { query: 'subscription { messageStatusChanged { id } }' },
    { query: 'subscription ($after: String) { messageStatusChanged(after: $after) { id } }', variables: { after: 'x'.repeat(10_000) } },
  ),
);

const payload = fc.oneof(
  { weight: 3, arbitrary: operation },
  fc.dictionary(fc.constantFrom('query', 'variables', 'operationName', 'extensions', '__proto__'), anything),
  anything,
);

const frame = fc.oneof(
  fc.tuple(id, payload).map(([name, what]) => JSON.stringify({ id: name, type: 'subscribe', payload: what })),
  fc.tuple(id, type, payload).map(([name, kind, what]) => JSON.stringify({ id: name, type: kind, payload: what })),
  anything.map((value) => JSON.stringify(value) ?? ''),
  times(200_000).map((depth) => '['.repeat(depth)),
  times(2_000_000).map((length) => ' '.repeat(length)),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);

/** Right frames, with operations that are not. */
const subscribes = fc
  .array(operation, { minLength: 1, maxLength: 12 })
  .map((operations) => operations.map((what, index) => JSON.stringify({ id: String(index), type: 'subscribe', payload: what })));

/** Sockets of clients that speak the protocol wrongly, or rightly and with bad intent. */
export const hostileSessions: fc.Arbitrary<HostileSession> = fc.record({
  signsIn: fc.oneof(fc.constant(true), fc.boolean()),
  frames: fc.oneof(subscribes, fc.array(frame, { minLength: 1, maxLength: 4 })),
});

/** Bytes where frames belong: unmasked, with wrong lengths, reserved bits, half a frame, or none at all. */
export const brokenFrames: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 }))
    .map(([head, length, bytes]) => Buffer.from([head, length, ...bytes])),
  // Of a length that no machine has.
  fc.constantFrom(Buffer.from([0x81, 0xff, 0x7f, ...Array<number>(11).fill(0xff)]), Buffer.from([0x89, 0xfe, 0xff, 0xff, 1, 2, 3, 4])),
);
