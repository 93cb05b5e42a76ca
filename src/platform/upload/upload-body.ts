import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { AppError, ErrorCode } from '../../errors.js';

/** A sender that is silent for so long is gone. */
const SILENCE_MS = 60_000;

/**
 * The parts of a request's body, unpacked, each read when it is asked for: until then the sender waits. Throws AppError
 * for what cannot be unpacked. When reading stops early the request stays open, so that it can still be answered.
 */
export async function* partsOf(request: IncomingMessage, silenceMs = SILENCE_MS): AsyncGenerator<Buffer, void, undefined> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  const parts = encoding === 'identity' ? iterated(request) : unpacked(request);
  for (;;) {
    // Only while the sender is waited for: it cannot send while its part before is being stored.
    const silence = setTimeout(() => request.destroy(gone()), silenceMs);
    const part = await parts
      .next()
      .catch(refuse)
      .finally(() => clearTimeout(silence));
    if (part.done) return;
    yield part.value;
  }
}

/** Without an error, an unpacker would wait for ever. */
const gone = (): AppError => new AppError(ErrorCode.BAD_USER_INPUT, 'The sender has fallen silent.');

const damaged = (): AppError => new AppError(ErrorCode.BAD_USER_INPUT, 'The gzip data is damaged or ends too early.');

function refuse(error: unknown): never {
  throw isBrokenGzip(error) ? damaged() : error;
}

const iterated = (stream: Readable): AsyncIterableIterator<Buffer> => stream.iterator({ destroyOnReturn: false });

// Not `pipeline`: it would cut the connection of a request that is damaged, and leave it without an answer.
async function* unpacked(request: IncomingMessage): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip();
  // It is destroyed after its end too, when nobody reads it any more.
  gunzip.on('error', () => undefined);
  const fed = feed(gunzip, request);
  fed.catch((error: Error) => gunzip.destroy(error));
  yield* iterated(gunzip);
  await fed;
}

/** Node's gunzip ends at a zero behind a member, and leaves out what follows: that may be zeros only. */
async function feed(gunzip: Gunzip, request: IncomingMessage): Promise<void> {
  let given = 0;
  let isOver = false;
  for await (const part of iterated(request)) {
    if (!isOver) await new Promise((resolve) => gunzip.write(part, resolve));
    given += part.length;
    const left = Math.min(given - gunzip.bytesWritten, part.length);
    isOver ||= left > 0;
    if (isOver && part.subarray(part.length - left).some((byte) => byte !== 0)) throw damaged();
  }
  gunzip.end();
}

export const isKnownEncoding = (encoding: string | undefined): boolean => /^(gzip|identity)$/i.test(encoding ?? 'identity');

/** A text's type without its options; null where they name another character set, or one that cannot be read. */
export function utf8TypeOf(contentType = ''): string | null {
  // Trimmed first: an expression that allows for blanks takes a time that grows with their square, and a header has room for 60,000.
  const [type = '', ...options] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const isUtf8 = options.every((option) => !option.startsWith('charset') || /^charset="?utf-?8"?$/.test(option));
  return isUtf8 ? type : null;
}

const isBrokenGzip = (error: unknown): boolean => String((error as { code?: unknown } | null)?.code).startsWith('Z_');
