import { InvalidConfig } from '../config.js';
import { SILENT } from '../platform/database/watchful-client.js';
import { UnsealError } from '../platform/encryption/sealer.js';
import { EmbeddedError } from '../platform/embedded/embedded-error.js';

/** Fields of the errors of Node, PostgreSQL and Redis. */
interface Fault {
  message?: string;
  code?: string;
  syscall?: string;
  path?: string;
  address?: string;
  port?: number;
  hostname?: string;
  cause?: unknown;
  errors?: unknown[];
}

const unreachable = ({ address, port, code }: Fault): string | null =>
  port ? `Nothing answers at ${address}:${port} (${code}): check DATABASE_URL and REDIS_URL.` : null;
const unknownHost = ({ hostname, code }: Fault): string =>
  `The host ${hostname} is not known (${code}): check HOST, DATABASE_URL and REDIS_URL.`;
const notAllowed = ({ syscall, port, path, code }: Fault): string | null => {
  if (syscall === 'listen') return `Port ${port} is kept for root: give this program another with PORT or METRICS_PORT.`;
  return path ? `${path} may not be read or written by this user (${code}): correct its owner, or choose another DATA_DIR.` : null;
};
const notLetIn = (): string => 'PostgreSQL refuses the user or password of DATABASE_URL.';

const CERTIFICATE = /CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|ERR_TLS_/;
const untrusted = ({ code }: Fault): string =>
  `The certificate of a server is not trusted (${code}): check sslmode and sslrootcert of DATABASE_URL, and REDIS_URL, or name its authority with NODE_EXTRA_CA_CERTS.`;
const SILENCE = 'PostgreSQL does not answer: check DATABASE_URL.';
/** By their messages: the driver gives them no code. */
const CODELESS = new Map([
  ['The server does not support SSL connections', 'PostgreSQL takes no TLS connections there: correct sslmode in DATABASE_URL.'],
  ['timeout expired', SILENCE],
  ['timeout exceeded when trying to connect', SILENCE],
  ['Connection terminated due to connection timeout', SILENCE],
  [SILENT, SILENCE],
]);

const EXPLANATIONS: Record<string, (fault: Fault) => string | null> = {
  EADDRINUSE: ({ port }) => `Port ${port} is in use: stop the program that has it, or give this one another with PORT or METRICS_PORT.`,
  EADDRNOTAVAIL: ({ address }) => `This machine has no network address ${address}: correct HOST.`,
  EACCES: notAllowed,
  EPERM: notAllowed,
  EROFS: notAllowed,
  ENOSPC: () => 'The disk is full.',
  ECONNREFUSED: unreachable,
  EHOSTUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  '28P01': notLetIn,
  '28000': notLetIn,
  '42501': () => 'The user of DATABASE_URL may not make tables: make it the owner of the database.',
  '53300': () => 'PostgreSQL has no connection left for this program: see max_connections there, and DATABASE_CONNECTIONS.',
  '3D000': () => 'The database that DATABASE_URL names does not exist: create it first.',
};

/** What to tell the person who starts the program, where they can mend it; null for any other error. */
export function explainStartFault(error: unknown): string | null {
  if (error instanceof InvalidConfig || error instanceof EmbeddedError) return error.message;
  if (error instanceof UnsealError) return `ENCRYPTION_KEY does not open what this database holds. ${error.message}`;
  if (typeof error !== 'object' || error === null) return null;
  const fault = error as Fault;
  const told = CODELESS.get(fault.message ?? '');
  if (told) return told;
  const explain = EXPLANATIONS[fault.code ?? ''] ?? (CERTIFICATE.test(fault.code ?? '') ? untrusted : undefined);
  return explain?.(fault) ?? explainStartFault(fault.errors?.[0]) ?? explainStartFault(fault.cause);
}
