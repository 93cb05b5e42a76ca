import type { FastifyPluginAsync } from 'fastify';
import { AppError, ErrorCode } from '../../errors.js';
import type { Metrics } from './metrics.js';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/**
 * `GET /metrics` for Prometheus. On the public port only callers on this machine are answered: how much is sent, and how
 * well, is nobody else's business. For others there is the port of METRICS_PORT, which is not to be published.
 */
export const metricsRoutes =
  (metrics: Metrics, { localOnly }: { localOnly: boolean }): FastifyPluginAsync =>
  async (http) => {
    http.get('/metrics', async (request, reply) => {
      if (localOnly && !LOOPBACK.has(request.ip)) throw new AppError(ErrorCode.NOT_FOUND, 'There is nothing at this address.');
      return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
    });
  };

/** Asked by machines every few seconds: their 503 is no request that failed, and their 200 none that succeeded. */
const PROBES = new Set<string | undefined>(['/healthz', '/readyz', '/metrics']);

/** Times every request by its route, but for probes. */
export function observeRequests(metrics: Metrics): FastifyPluginAsync {
  const plugin: FastifyPluginAsync = async (http) => {
    http.addHook('onResponse', ({ method, routeOptions: { url } }, { statusCode, elapsedTime }, done) => {
      if (!PROBES.has(url)) metrics.requests.observe({ method, route: url ?? 'none', status: String(statusCode) }, elapsedTime / 1000);
      done();
    });
  };
  // Fastify would keep the hook to the plugin's own routes; this asks for all of them.
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
}
