import { ApolloServer, HeaderMap, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { GraphQLError } from 'graphql';
import type { RequestContext } from './context.js';
import { countFailure, formatError, type ErrorFormat } from './format-error.js';
import type { OperationGate } from './operation-gate.js';

const NO_STREAM = new GraphQLError('Subscriptions are served over a WebSocket at this address (protocol graphql-transport-ws).');

/** The schema over HTTP. Errors look exactly as they do on a socket. */
export async function startApollo(gate: OperationGate, errors: ErrorFormat): Promise<ApolloServer<RequestContext>> {
  // Apollo formats errors without telling which request they belong to.
  const requestIds = new WeakMap<object, string>();
  const plugin: ApolloServerPlugin<RequestContext> = {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors: found, contextValue }) {
          for (const error of found) requestIds.set(error, contextValue.requestId);
        },
        async willSendResponse({ errors: found }) {
          errors.counts.operations.inc();
          countFailure(found ?? [], errors);
        },
        // Not by throwing in didResolveOperation, which has room for one error only.
        async responseForOperation({ request, document, operation, operationName, contextValue }) {
          const refusals =
            operation.operation === 'subscription' ? [NO_STREAM] : gate.refusals({ document, operationName, variables: request.variables });
          if (refusals.length === 0) return null;
          const singleResult = { errors: refusals.map((error) => formatError(error, contextValue.requestId, errors)) };
          return { http: { status: 400, headers: new HeaderMap() }, body: { kind: 'single', singleResult } };
        },
      };
    },
  };
  const apollo = new ApolloServer<RequestContext>({
    schema: gate.schema,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    // The gate's rules decide, so that sockets are treated alike.
    introspection: true,
    validationRules: [...gate.rules],
    parseOptions: gate.parseOptions,
    formatError: (_formatted, error) => {
      const known = error instanceof GraphQLError ? error : new GraphQLError('Unknown error', { originalError: error as Error });
      return formatError(known, requestIds.get(known) ?? 'unknown', errors);
    },
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    plugins: [plugin, ApolloServerPluginLandingPageDisabled()],
  });
  await apollo.start();
  return apollo;
}
