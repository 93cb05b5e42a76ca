import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { ApolloServer } from '@apollo/server';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { AppError, ErrorCode } from '../errors.js';
import { sendError } from '../platform/http/http-server.js';
import { LONGEST_FROM_NOBODY, type Admission } from './admission.js';
import { admitRequests } from './admit-requests.js';
import type { Context, RequestContext } from './context.js';

export interface GraphqlRoutesOptions {
  path: string;
  apollo: ApolloServer<RequestContext>;
  admission: Admission;
  resolver: Context['resolver'];
}

/** Who has no key may ask for nothing but the schema; to read megabytes of variables for the same refusal takes everybody's time. */
function isTooLongFromNobody({ viewer, headers }: FastifyRequest): boolean {
  const length = headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Infinity;
  return !viewer && length > LONGEST_FROM_NOBODY;
}

const signInFirst = (): AppError =>
  new AppError(ErrorCode.UNAUTHENTICATED, 'Sign in first: a request without a key may be of 64 KiB, and says how long it is.');

/** GraphQL over HTTP. Who asks, and how often, is checked before the body is read. */
export const graphqlRoutes =
  ({ path, apollo, admission, resolver }: GraphqlRoutesOptions): FastifyPluginAsync =>
  async (http) => {
    admitRequests(http, admission);
    http.addHook('onRequest', (request, _reply, done) => done(isTooLongFromNobody(request) ? signInFirst() : undefined));
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
