import { existsSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';

/** Serves a built page below `path`, if it has been built. */
export const staticPage =
  (path: string, directory: string | null): FastifyPluginAsync =>
  async (http) => {
    if (!directory || !existsSync(directory)) return;
    await http.register(fastifyStatic, { root: directory, prefix: `${path}/`, redirect: false });
    http.get(path, async (_request, reply) => reply.redirect(`${path}/`));
  };
