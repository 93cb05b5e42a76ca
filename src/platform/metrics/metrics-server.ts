import Fastify from 'fastify';
import type { Logger } from 'pino';
import { healthRoutes, type ReadinessChecks } from '../http/health.routes.js';
import type { Metrics } from './metrics.js';
import { metricsRoutes } from './metrics.routes.js';

/** /metrics, /healthz and /readyz on a port of their own, for processes without the role api and for monitors elsewhere. */
export async function startMetricsServer(
  metrics: Metrics,
  { port, host, checks, log }: { port: number; host: string; checks: ReadinessChecks; log: Logger },
): Promise<() => Promise<void>> {
  const http = Fastify({ forceCloseConnections: true });
  await http.register(metricsRoutes(metrics, { localOnly: false }));
  await http.register(healthRoutes(checks, log));
  await http.listen({ port, host });
  return () => http.close();
}
