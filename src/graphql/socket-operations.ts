import { GraphQLError, type ExecutionArgs, type GraphQLFormattedError } from 'graphql';
import type { Context as SocketContext } from 'graphql-ws';
import { AppError, ErrorCode } from '../errors.js';
import { newId } from '../platform/ids.js';
import type { Admission } from './admission.js';
import type { Context, RequestContext } from './context.js';
import { countFailure, formatError, type ErrorFormat } from './format-error.js';
import type { OperationGate } from './operation-gate.js';
import type { SocketExtra, SocketHooks } from './socket-connection.js';
import { subscribeFresh } from './subscribe-fresh.js';

type Socket = SocketContext<Record<string, unknown>, SocketExtra>;

export interface SocketOperationOptions {
  gate: OperationGate;
  admission: Admission;
  errors: ErrorFormat;
  resolver: Context['resolver'];
  /** Operations that are open at the same time on one socket; as many again may still run after they were completed. */
  maxOperations: number;
  /** Instead of one execution for each subscriber. */
  subscribe?: SocketHooks['subscribe'];
}

const asError = (error: AppError): GraphQLError => new GraphQLError(error.message, { originalError: error });

const contextOf = (args: ExecutionArgs): RequestContext => args.contextValue as RequestContext;

/** Refuses an operation without a word to the client: an error would be the last one, and what is not answered is repeated elsewhere. */
function unanswered(operations: Socket['subscriptions'], id: string): GraphQLError[] {
  delete operations[id];
  return [new GraphQLError('Not begun.')];
}

/** What happens to each operation on a socket: the limits and the errors of requests. */
export function socketOperations({
  gate,
  admission,
  errors,
  resolver,
  maxOperations,
  subscribe = subscribeFresh,
}: SocketOperationOptions): SocketHooks {
  const format = (found: readonly GraphQLError[], requestId: string): GraphQLFormattedError[] => {
    countFailure(found, errors);
    return found.map((error) => formatError(error, requestId, errors));
  };

  async function onSubscribe(
    { extra, subscriptions }: Socket,
    id: string,
    payload: { query: string; operationName?: string | null; variables?: Record<string, unknown> | null },
  ) {
    const { connection } = extra;
    const { viewer } = connection;
    errors.counts.operations.inc();
    if (!viewer) return [asError(new AppError(ErrorCode.UNAUTHENTICATED, 'Sign in first.'))];
    if (connection.leaving) return unanswered(subscriptions, id);
    if (Object.keys(subscriptions).length > maxOperations)
      return [asError(new AppError(ErrorCode.RATE_LIMITED, `At most ${maxOperations} operations may run on one socket.`))];
    try {
      await admission.spend(viewer);
    } catch (error) {
      if (error instanceof AppError) return [asError(error)];
      throw error;
    }
    if (!connection.isOpen) return unanswered(subscriptions, id);
    const parsed = gate.read(payload.query);
    if ('errors' in parsed) return parsed.errors;
    const { document } = parsed;
    const { operationName, variables } = payload;
    const refusals = gate.refusals({ document, operationName, variables });
    if (refusals.length > 0) return refusals;
    const contextValue: RequestContext = { caller: viewer, requestId: newId(), loaders: new Map(), resolver };
    return { schema: gate.schema, document, operationName, variableValues: variables, contextValue };
  }

  return {
    subscribe,
    onSubscribe,
    onNext: (_socket, _id, _payload, args, result) =>
      result.errors ? { ...result, errors: format(result.errors, contextOf(args).requestId) } : undefined,
    onError: (_socket, _id, _payload, found) => format(found, newId()),
  };
}
