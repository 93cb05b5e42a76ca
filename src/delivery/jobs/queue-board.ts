import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import type { FastifyPluginAsync } from 'fastify';

const PATH = '/admin/queues';

/** Whether an API key's secret is that of an ADMIN. */
export type IsAdmin = (secret: string, from: { ip: string; userAgent: string | null }) => Promise<boolean>;

/** Bull Board for ADMINs. A browser asks for a name and a password: any name, and the key as the password. */
export const queueBoard =
  (queues: readonly Queue[], isAdmin: IsAdmin): FastifyPluginAsync =>
  async (http) => {
    const adapter = new FastifyAdapter().setBasePath(PATH);
    createBullBoard({
      queues: queues.map((queue) => new BullMQAdapter(queue)),
      serverAdapter: adapter,
      options: { uiConfig: { boardTitle: 'Heliograph queues' } },
    });
    http.addHook('onRequest', async (request, reply) => {
      const secret = secretOf(request.headers.authorization);
      if (secret && (await isAdmin(secret, { ip: request.ip, userAgent: request.headers['user-agent'] ?? null }))) return;
      await reply
        .code(401)
        .header('www-authenticate', 'Basic realm="Heliograph queues: any name, and an ADMIN key as the password", charset="UTF-8"')
        .send({ code: 'UNAUTHENTICATED', message: 'This needs a key with the role ADMIN.', requestId: request.id });
    });
    await http.register(adapter.registerPlugin(), { prefix: PATH });
  };

function secretOf(authorization: string | undefined): string | null {
  const [scheme, value] = authorization?.split(' ', 2) ?? [];
  if (!value) return null;
  if (scheme?.toLowerCase() === 'bearer') return value;
  const pair = scheme?.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString() : '';
  return pair.slice(pair.indexOf(':') + 1) || null;
}
