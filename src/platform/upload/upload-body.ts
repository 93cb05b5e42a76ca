import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError, ErrorCode } from '../../errors.js';

/** A sender that is silent for so long is gone. */
const SILENCE_MS = 60_000;

/**
 * The parts of a request's body, unpacked, each read when it is asked for: until then the sender waits. Throws AppError
 * for what cannot be unpacked. When reading stops early the request stays open, so that it can still be answered.
 */
export async function* partsOf(request: IncomingMessage, silenceMs = SILENCE_MS): AsyncGenerator<Buffer, void, undefined> {
  const body = unpacked(request);
  const parts = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
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

function refuse(error: unknown): never {
  throw isBrokenGzip(error) ? new AppError(ErrorCode.BAD_USER_INPUT, 'The gzip data is damaged or ends too early.') : error;
}

function unpacked(request: IncomingMessage): Readable {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity') return request;
  const gunzip = createGunzip();
  // Not `pipeline`: it would cut the connection of a request that is damaged, and leave it without an answer.
  request.on('error', (error) => gunzip.destroy(error));
  return request.pipe(gunzip);
}

export const isKnownEncoding = (encoding: string | undefined): boolean => /^(gzip|identity)$/i.test(encoding ?? 'identity');

const isBrokenGzip = (error: unknown): boolean => String((error as { code?: unknown } | null)?.code).startsWith('Z_');
