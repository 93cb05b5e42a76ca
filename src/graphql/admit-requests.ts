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
    request.viewer = await admission.signIn(request.headers.authorization, {
      ip: request.ip,
      userAgent: request.headers['user-agent'] ?? null,
    });
    if (!request.viewer) return;
    request.log = request.log.child({ tenantId: request.viewer.tenantId, keyId: request.viewer.keyId });
    await admission.spend(request.viewer);
  });
}

/** Who asks, for a route that these roles may use. Throws AppError UNAUTHENTICATED or FORBIDDEN. */
export function viewerWith(roles: readonly string[], { viewer }: FastifyRequest): Viewer {
  if (!viewer) throw new AppError(ErrorCode.UNAUTHENTICATED, 'Sign in first: send the header `Authorization: Bearer <API key>`.');
  if (roles.includes(viewer.role)) return viewer;
  throw new AppError(ErrorCode.FORBIDDEN, `This needs a key with the role ${roles.join(' or ')}; yours is ${viewer.role}.`);
}
