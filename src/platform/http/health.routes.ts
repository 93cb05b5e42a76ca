import type { FastifyPluginAsync } from 'fastify';
import type { Logger } from 'pino';

/** Each rejects when what it stands for cannot be used. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<unknown>>>;

const CHECK_MS = 2_000;

async function isUp(check: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => (timer = setTimeout(reject, CHECK_MS, new Error('no answer'))));
  try {
    await Promise.race([check(), late]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** `/healthz`: this process lives (restart it otherwise). `/readyz`: it can serve (send it no traffic otherwise). */
export const healthRoutes =
  (checks: ReadinessChecks, log: Logger): FastifyPluginAsync =>
  async (http) => {
    http.get('/healthz', async () => ({ status: 'ok' }));
    http.get('/readyz', async (_request, reply) => {
      const names = Object.keys(checks);
      const up = await Promise.all(Object.values(checks).map(isUp));
      const down = names.filter((_name, index) => !up[index]);
      if (down.length === 0) return { status: 'ok', down };
      log.warn({ down }, 'not ready');
      return reply.code(503).send({ status: 'unavailable', down });
    });
  };
