import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../../accounts/caller.js';
import { OPERATORS } from '../../accounts/rights.js';
import { ErrorCode, Refusal } from '../../errors.js';
import { admitRequests, viewerWith, whileSignedIn } from '../../graphql/admit-requests.js';
import type { Admission } from '../../graphql/admission.js';
import { sendError } from '../../platform/http/http-server.js';
import { readLines } from '../../platform/upload/line-reader.js';
import { isKnownEncoding, partsOf, utf8TypeOf } from '../../platform/upload/upload-body.js';
import type { ConsentImportService, RejectedConsent } from '../consent-import.service.js';
import { CONSENT_COLUMNS, type ImportTerms } from '../consent-line.js';
import { csvConsents } from './csv-consents.js';

const ACCEPTED = 'Send text/csv in UTF-8, as it is or with the content encoding gzip.';
const MOST_SHOWN = 1_000;

const Parameters = z.partialRecord(z.enum(CONSENT_COLUMNS), z.string().max(2_000));

/** `POST /consents`; see docs/consent.md. */
export const consentRoutes =
  (imports: ConsentImportService, admission: Admission): FastifyPluginAsync =>
  async (http) => {
    admitRequests(http, admission);
    http.setErrorHandler(refuse);
    // What was refused before its end is read to the end, or the connection's next request would wait behind it for ever.
    http.addHook('onResponse', async ({ raw }) => void raw.unpipe().removeAllListeners('readable').resume());
    // The body is read line by line, as fast as it can be stored.
    http.removeAllContentTypeParsers();
    http.addContentTypeParser('text/csv', (_request, body, done) => done(null, body));
    http.route({ method: 'POST', url: '/consents', config: { longBody: true }, handler: (request) => upload(imports, request, admission) });
  };

async function upload(imports: ConsentImportService, request: FastifyRequest, admission: Admission): Promise<object> {
  const caller = viewerWith(OPERATORS, request) as Caller;
  const terms = termsOf(request.query);
  if (utf8TypeOf(request.headers['content-type']) !== 'text/csv' || !isKnownEncoding(request.headers['content-encoding']))
    throw Object.assign(new Error(ACCEPTED), { statusCode: 415 });
  const rejections: RejectedConsent[] = [];
  const lines = readLines(whileSignedIn(request, admission, partsOf(request.raw)));
  const imported = await imports.import(caller, terms, csvConsents(lines), (line) => {
    if (rejections.length < MOST_SHOWN) rejections.push(line);
  });
  return { ...imported, rejections };
}

function termsOf(query: unknown): ImportTerms {
  const { data, error } = Parameters.safeParse(query);
  if (error)
    throw new Refusal(
      error.issues.flatMap((issue) =>
        (issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')]).map((name) => ({
          code: 'INVALID_INPUT' as const,
          message: `Expected one text each for ${CONSENT_COLUMNS.join(', ')}.`,
          field: [name],
        })),
      ),
    );
  return data;
}

/** Refusals look as in GraphQL's `userErrors`. What was recorded until then stays recorded. */
function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const about = { requestId: request.id };
  if ((error as { statusCode?: unknown }).statusCode === 415)
    return reply.code(415).send({ code: ErrorCode.BAD_USER_INPUT, message: ACCEPTED, ...about });
  if (!(error instanceof Refusal))
    return sendError(error, request, reply, ({ code, message, details }) => ({ code, message, ...details, ...about }));
  const [reason] = error.reasons;
  return reply.code(400).send({ code: reason?.code, message: error.message, userErrors: error.reasons, ...about });
}
