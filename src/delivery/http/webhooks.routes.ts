import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, ErrorCode } from '../../errors.js';
import type { MessageProvider, WebhookRequest } from '../provider.js';
import type { ProviderDirectory } from '../provider-directory.js';
import type { WebhookIntake } from '../webhook-intake.js';

/** Four times the longest that a provider here sends. A stranger's is read too, and hashed several times before it is refused. */
const BODY_LIMIT = 256 * 1024;

export interface WebhookRoutesOptions {
  directory: ProviderDirectory;
  intake: WebhookIntake;
  /** PUBLIC_URL, which is what providers sign; never what the Host header says. */
  publicUrl: () => string;
}

/** `POST /webhooks/<provider>/status` and `/incoming`. Nothing is stored before the signature is verified. */
export const webhookRoutes =
  ({ directory, intake, publicUrl }: WebhookRoutesOptions): FastifyPluginAsync =>
  async (http: FastifyInstance) => {
    // Signatures cover the bytes that were sent, so bodies stay as they came; inside this plugin only. Types that are named are found without being parsed.
    http.removeAllContentTypeParsers();
    for (const type of ['application/x-www-form-urlencoded', 'application/json', '*'])
      http.addContentTypeParser(type, { parseAs: 'string', bodyLimit: BODY_LIMIT }, (_request, body, done) => done(null, body));

    const handle = async (
      request: FastifyRequest,
      reply: FastifyReply,
      read: (provider: MessageProvider, webhook: WebhookRequest) => Pick<Parameters<WebhookIntake['add']>[0], 'receipts' | 'incoming'>,
    ): Promise<FastifyReply> => {
      const provider = directory.get((request.params as { provider: string }).provider);
      if (!provider) throw new AppError(ErrorCode.NOT_FOUND, 'There is no such provider here.');
      const rawBody = typeof request.body === 'string' ? request.body : '';
      const understood = read(provider, { url: publicUrl() + request.url, headers: request.headers, rawBody });
      await intake.add({ provider: provider.name, rawBody, receivedAt: new Date(), ...understood });
      const { contentType, body } = provider.webhooks.reply;
      return reply.type(contentType).send(body);
    };

    // No limit counts the refused ones of an address: a provider calls everybody from the same addresses, so a stranger with an account
    // there could have it call us with what is refused, until our own receipts were refused too.

    // Headers that protect pages would be a twentieth of a receipt's work, and say nothing to a provider.
    http.post('/webhooks/:provider/status', { helmet: false }, (request, reply) =>
      handle(request, reply, ({ webhooks }, webhook) => ({ receipts: webhooks.receipts(webhook), incoming: [] })),
    );
    http.post('/webhooks/:provider/incoming', { helmet: false }, (request, reply) =>
      handle(request, reply, ({ webhooks }, webhook) => ({ receipts: [], incoming: webhooks.incoming(webhook) })),
    );
  };
