import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { ApolloServer } from '@apollo/server';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { sendError } from '../platform/http/http-server.js';
import type { Admission } from './admission.js';
import { admitRequests } from './admit-requests.js';
import type { Context, RequestContext } from './context.js';

export interface GraphqlRoutesOptions {
  path: string;
  apollo: ApolloServer<RequestContext>;
  admission: Admission;
  resolver: Context['resolver'];
}

/** GraphQL over HTTP. Who asks, and how often, is checked before the body is read. */
export const graphqlRoutes =
  ({ path, apollo, admission, resolver }: GraphqlRoutesOptions): FastifyPluginAsync =>
  async (http) => {
    admitRequests(http, admission);
    http.setErrorHandler((error, request, reply) =>
      sendError(error, request, reply, ({ code, message, details }) => ({
        errors: [{ message, extensions: { code, ...details, requestId: request.id } }],
      })),
    );
    http.route({
      method: ['GET', 'POST'],
      url: path,
      handler: fastifyApolloHandler(apollo, {
        context: async (request: FastifyRequest): Promise<RequestContext> => ({
          caller: request.viewer,
          requestId: request.id,
          loaders: new Map(),
          resolver,
        }),
      }),
    });
  };
