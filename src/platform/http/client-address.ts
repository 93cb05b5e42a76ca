import type { IncomingMessage } from 'node:http';

/** Behind a proxy the client is what that proxy saw, the last entry: everything before it was written by the client itself. */
export const PROXY_HOPS = 1;

/** The same as Fastify's `request.ip`, for requests that become sockets and so never reach Fastify. */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): string | null {
  const remote = request.socket.remoteAddress ?? null;
  if (!trustProxy) return remote;
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  return forwarded.at(-PROXY_HOPS) ?? remote;
}

/** One IPv6 customer has 2^64 addresses, so limits are kept per network of that size. */
export function addressForLimits(address: string | null): string {
  if (!address) return 'unknown';
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail = ''] = plain.toLowerCase().split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const zeros = plain.includes('::') ? Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0') : [];
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
