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
export async function* partsOf(request: IncomingMessage): AsyncGenerator<Buffer, void, undefined> {
  const body = unpacked(request);
  const parts = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  for (;;) {
    const silence = setTimeout(() => request.destroy(), SILENCE_MS);
    try {
      const { done, value } = await parts.next();
      if (done) return;
      yield value;
    } catch (error) {
      throw isBrokenGzip(error) ? new AppError(ErrorCode.BAD_USER_INPUT, 'The gzip data is damaged or ends too early.') : error;
    } finally {
      clearTimeout(silence);
    }
  }
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
