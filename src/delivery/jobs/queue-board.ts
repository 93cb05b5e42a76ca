import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { AppError, ErrorCode } from '../../errors.js';
import type { Admission } from '../../graphql/admission.js';
import type { Viewer } from '../../graphql/context.js';
import { sendError } from '../../platform/http/http-server.js';

const PATH = '/admin/queues';

/** Bull Board for ADMINs. A browser asks for a name and a password: any name, and the key as the password. */
export const queueBoard =
  (queues: readonly Queue[], admission: Admission): FastifyPluginAsync =>
  async (http) => {
    const adapter = new FastifyAdapter().setBasePath(PATH);
    createBullBoard({
      queues: queues.map((queue) => new BullMQAdapter(queue)),
      serverAdapter: adapter,
      options: { uiConfig: { boardTitle: 'Heliograph queues' } },
    });
    http.addHook('onRequest', async (request, reply) => {
      try {
        const viewer = await signedIn(request, admission);
        if (viewer?.role === 'ADMIN') return;
        reply.header('www-authenticate', 'Basic realm="Heliograph queues: any name, and an ADMIN key as the password", charset="UTF-8"');
        throw new AppError(ErrorCode.UNAUTHENTICATED, 'This needs a key with the role ADMIN.');
      } catch (error) {
        // The board has an error handler of its own, which calls everything a fault.
        await sendError(error, request, reply, ({ code, message, details }) => ({ code, message, ...details, requestId: request.id }));
      }
    });
    await http.register(adapter.registerPlugin(), { prefix: PATH });
  };

/** As everywhere else, wrong keys and requests are counted; but here they are answered so that a browser asks for a key. */
async function signedIn({ ip, headers }: FastifyRequest, admission: Admission): Promise<Viewer | null> {
  await admission.arrive(ip);
  const secret = secretOf(headers.authorization);
  const viewer = await admission
    .signIn(secret && `Bearer ${secret}`, { ip, userAgent: headers['user-agent'] ?? null })
    .catch((error: unknown) => {
      if (error instanceof AppError && error.code === ErrorCode.UNAUTHENTICATED) return null;
      throw error;
    });
  if (viewer) await admission.spend(viewer);
  return viewer;
}

function secretOf(authorization: string | undefined): string | null {
  const [scheme, value] = authorization?.split(' ', 2) ?? [];
  if (!value) return null;
  if (scheme?.toLowerCase() === 'bearer') return value;
  const pair = scheme?.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString() : '';
  return pair.slice(pair.indexOf(':') + 1) || null;
}
