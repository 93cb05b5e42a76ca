import { Readable } from 'node:stream';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../../accounts/caller.js';
import { EVERYONE, SENDERS } from '../../accounts/rights.js';
import { ErrorCode, Refusal } from '../../errors.js';
import { admitRequests, viewerWith, whileSignedIn } from '../../graphql/admit-requests.js';
import type { Admission } from '../../graphql/admission.js';
import { sendError } from '../../platform/http/http-server.js';
import type { BatchUploadService } from '../batch-upload.service.js';
import { csvRecipients } from './csv-recipients.js';
import { FurtherColumns } from './further-columns.js';
import { readLines } from '../../platform/upload/line-reader.js';
import { ndjsonRecipients } from './ndjson-recipients.js';
import { reportFormat } from './rejections-report.js';
import { isKnownEncoding, partsOf, utf8TypeOf } from '../../platform/upload/upload-body.js';
import { batchTermsOf } from './upload-request.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The batch that the request's recipients are accepted for, once there is one. */
    batchId: string | null;
  }
}

const READERS_OF_FORMAT = {
  'text/csv': csvRecipients,
  'application/x-ndjson': ndjsonRecipients,
  'application/ndjson': ndjsonRecipients,
};
type Format = keyof typeof READERS_OF_FORMAT;
const FORMATS = Object.keys(READERS_OF_FORMAT) as Format[];
const ACCEPTED = `Send ${FORMATS.slice(0, 2).join(' or ')} in UTF-8, as it is or with the content encoding gzip.`;

/** `POST /batches` and `GET /batches/:id/rejections`; see docs/bulk.md. */
export const batchRoutes =
  (uploads: BatchUploadService, admission: Admission, publicUrl: () => string): FastifyPluginAsync =>
  async (http) => {
    admitRequests(http, admission);
    http.decorateRequest('batchId', null);
    http.setErrorHandler(refuse);
    // What was refused before its end is read to the end, or the connection's next request would wait behind it for ever.
    http.addHook('onResponse', async ({ raw }) => void raw.unpipe().removeAllListeners('readable').resume());
    // The body is read line by line, as fast as it can be stored.
    http.removeAllContentTypeParsers();
    http.addContentTypeParser(FORMATS, (_request, body, done) => done(null, body));

    http.route({
      method: 'POST',
      url: '/batches',
      config: { longBody: true },
      handler: (request) => upload(uploads, request, admission, publicUrl()),
    });
    http.route({ method: 'GET', url: '/batches/:id/rejections', handler: (request, reply) => report(uploads, request, reply) });
  };

async function upload(uploads: BatchUploadService, request: FastifyRequest, admission: Admission, publicUrl: string): Promise<object> {
  const caller = viewerWith(SENDERS, request) as Caller;
  const terms = batchTermsOf(request);
  const further = new FurtherColumns(terms);
  const recipients = recipientsOf(request, admission, further);
  const { batch, rejections } = await uploads.upload(caller, terms, recipients, (batchId) => (request.batchId = batchId));
  const { id: batchId, status, total, rejected } = batch;
  const rejectionsUrl = `${publicUrl}/batches/${batchId}/rejections`;
  return { batchId, status, total, accepted: total - rejected, rejected, rejections, rejectionsUrl, unusedColumns: [...further.unused] };
}

async function report(uploads: BatchUploadService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const caller = viewerWith(EVERYONE, request) as Caller;
  const format = reportFormat((request.query as { format?: unknown }).format, request.headers.accept);
  if (!format) throw new Refusal('INVALID_INPUT', 'csv or ndjson.', ['format']);
  const { id } = request.params as { id: string };
  const lines = await uploads.rejections(caller, id);
  return reply
    .type(format.contentType)
    .header('content-disposition', `attachment; filename="rejections-${id}.${format.extension}"`)
    .send(Readable.from(format.write(lines)));
}

function recipientsOf(request: FastifyRequest, admission: Admission, further: FurtherColumns): ReturnType<typeof csvRecipients> {
  const read = READERS_OF_FORMAT[utf8TypeOf(request.headers['content-type']) as Format];
  if (!read || !isKnownEncoding(request.headers['content-encoding'])) throw Object.assign(new Error(ACCEPTED), { statusCode: 415 });
  return read(readLines(whileSignedIn(request, admission, partsOf(request.raw))), further);
}

/** Refusals look as in GraphQL's `userErrors`. `batchId` names the batch that keeps what was accepted until then. */
function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const about = { requestId: request.id, ...(request.batchId === null ? {} : { batchId: request.batchId }) };
  const { statusCode } = error as { statusCode?: unknown };
  if (statusCode === 415) return reply.code(415).send({ code: ErrorCode.BAD_USER_INPUT, message: ACCEPTED, ...about });
  if (!(error instanceof Refusal))
    return sendError(error, request, reply, ({ code, message, details }) => ({ code, message, ...details, ...about }));
  const [reason] = error.reasons;
  const status = reason?.code === 'NOT_FOUND' ? 404 : reason?.code === 'CONFLICT' ? 409 : 400;
  return reply.code(status).send({ code: reason?.code, message: error.message, userErrors: error.reasons, ...about });
}
