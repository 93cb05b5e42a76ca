import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, ErrorCode } from '../errors.js';
import type { Admission } from './admission.js';
import type { Viewer } from './context.js';

declare module 'fastify' {
  interface FastifyRequest {
    viewer: Viewer | null;
  }
}

/** For the routes of one plugin: who asks, and how often, is known before the body is read. Without credentials `viewer` is null. */
export function admitRequests(http: FastifyInstance, admission: Admission): void {
  http.decorateRequest('viewer', null);
  http.addHook('onRequest', async (request) => {
    await admission.arrive(request.ip);
    request.viewer = await signIn(request, admission);
    if (!request.viewer) return;
    request.log = request.log.child({ tenantId: request.viewer.tenantId, keyId: request.viewer.keyId });
    await admission.spend(request.viewer);
  });
}

const signIn = ({ headers, ip }: FastifyRequest, admission: Admission): Promise<Viewer | null> =>
  admission.signIn(headers.authorization, { ip, userAgent: headers['user-agent'] ?? null });

/** What comes of a long body, and its end, for as long as the key that began it is valid. Throws AppError UNAUTHENTICATED. */
export async function* whileSignedIn<T>(
  request: FastifyRequest,
  admission: Admission,
  parts: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  for await (const part of parts) {
    await signIn(request, admission);
    yield part;
  }
  await signIn(request, admission);
}

/** Who asks, for a route that these roles may use. Throws AppError UNAUTHENTICATED or FORBIDDEN. */
export function viewerWith(roles: readonly string[], { viewer }: FastifyRequest): Viewer {
  if (!viewer) throw new AppError(ErrorCode.UNAUTHENTICATED, 'Sign in first: send the header `Authorization: Bearer <API key>`.');
  if (roles.includes(viewer.role)) return viewer;
  throw new AppError(ErrorCode.FORBIDDEN, `This needs a key with the role ${roles.join(' or ')}; yours is ${viewer.role}.`);
}
