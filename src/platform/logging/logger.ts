import { createRequire } from 'node:module';
import { pino, stdTimeFunctions, type DestinationStream, type LevelWithSilent, type LogFn, type Logger } from 'pino';
import type pinoPretty from 'pino-pretty';
import { maskAddressesIn } from '../masking.js';
import { describeError, safeMessage } from './describe-error.js';
import { HIDING_SERIALIZERS, loggable } from './personal-data.js';

export interface LoggerOptions {
  level: LevelWithSilent;
  /** For people. By default when stdout is a terminal and pino-pretty is installed. */
  pretty?: boolean;
  /** Instead of stdout. */
  destination?: DestinationStream;
}

const SERIALIZERS = {
  ...HIDING_SERIALIZERS,
  err: describeError,
  req: describeRequest,
  res: describeResponse,
};

/**
 * One JSON object a line. Bind ids with `logger.child({ requestId })` and `logger.child({ messageId })`.
 * Personal data is kept out three times: by the names of fields, by describing errors instead of dumping them,
 * and by masking numbers and email addresses in the finished line.
 */
export function createLogger({ level, pretty, destination }: LoggerOptions): Logger {
  const stream = destination ?? ((pretty ?? process.stdout.isTTY) ? prettyStream() : undefined) ?? pino.destination(1);
  return pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      serializers: SERIALIZERS,
      formatters: { level: (label) => ({ level: label }), log: cleanFields },
      hooks: { logMethod: withSafeMessage, streamWrite: maskAddressesIn },
    },
    stream,
  );
}

function describeRequest(request: { method?: string; url?: string } | null): object | null {
  return request && { method: request.method, path: request.url?.split('?', 1)[0] };
}

function describeResponse(response: { statusCode?: number } | null): object | null {
  return response && { statusCode: response.statusCode };
}

/** Leaves the fields that have a serializer to it: a whole HTTP request must not be walked. */
const cleanFields = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Object.hasOwn(SERIALIZERS, key) ? value : loggable(key, value)]));

/** Pino takes an error's raw message as the line's own when none is given. */
function withSafeMessage(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [fields, ...rest] = args as unknown[];
  const error: unknown = fields instanceof Error ? fields : (fields as { err?: unknown } | null)?.err;
  if (rest.length > 0 || !(error instanceof Error)) return method.apply(this, args);
  return method.call(this, fields instanceof Error ? { err: error } : fields, safeMessage(error.message));
}

/** A development dependency: absent in production, where lines stay JSON. */
function prettyStream(): DestinationStream | undefined {
  try {
    const pretty = createRequire(import.meta.url)('pino-pretty') as typeof pinoPretty;
    return pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true });
  } catch {
    return undefined;
  }
}
