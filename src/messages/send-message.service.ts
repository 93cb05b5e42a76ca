import type { Caller } from '../accounts/caller.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import { traced } from '../platform/tracing/tracing.js';
import type { MessageAcceptance } from './accept-messages.js';
import { canonicalJson, orEarlier, type IdempotencyKey } from './idempotency.js';
import type { SettledMessages, SettledWatch } from './settled-messages.js';
import { checkTerms, type SendTerms } from './message-draft.js';
import { actorOf } from './message-event.js';
import type { MessageFactory } from './message-factory.js';
import type { ChannelDirectory, TenantSource } from './message.ports.js';
import { findMessage } from './message.queries.js';
import type { MessageRow } from './message.row.js';
import { NOBODY } from './recipient.js';
import type { SendPreparation } from './send-preparation.js';
import { withTemplate, type TemplateSource } from './templated-terms.js';

/** How long `immediate` waits for the provider's answer. */
const IMMEDIATE_MS = 5_000;

export interface SendMessage extends SendTerms {
  to: string | null;
  contactId: string | null;
  externalId: string | null;
  variables?: Record<string, unknown> | null;
  immediate: boolean;
}

/** What a caller asks for: under one key always the same. */
interface Request {
  idempotencyKey: string | null;
}

export interface SentMessage {
  message: MessageRow | null;
  duplicate: boolean;
}

export class SendMessageService {
  constructor(
    private readonly db: Database,
    private readonly tenants: TenantSource,
    private readonly preparation: SendPreparation,
    private readonly factory: MessageFactory,
    private readonly acceptance: MessageAcceptance,
    private readonly directory: ChannelDirectory,
    private readonly index: BlindIndex,
    private readonly settled: SettledMessages,
    private readonly templates: TemplateSource,
  ) {}

  /** Accepts one message: once it returns, the message is durable. Throws Refusal; then nothing was stored. */
  send(caller: Caller, input: SendMessage): Promise<SentMessage> {
    const { immediate: _waits, ...request } = input;
    return this.sendFor(caller, request, () => Promise.resolve(input));
  }

  /** The same where what is sent follows from the request: a repeated request gets its message, whatever would follow by now. */
  sendFor(caller: Caller, request: Request, messageOf: () => Promise<SendMessage>): Promise<SentMessage> {
    return traced('sendMessage', { 'tenant.id': caller.tenantId }, () => this.sendUntraced(caller, request, messageOf));
  }

  private async sendUntraced(caller: Caller, request: Request, messageOf: () => Promise<SendMessage>): Promise<SentMessage> {
    const key = request.idempotencyKey ? this.keyOf(caller.tenantId, request) : null;
    return orEarlier(
      this.db.sql,
      key,
      async () => this.accept(caller, await messageOf(), key),
      async ({ resultId }) => ({ message: await findMessage(this.db.sql, caller.tenantId, resultId), duplicate: true }),
    );
  }

  private async accept(caller: Caller, input: SendMessage, key: IdempotencyKey | null): Promise<SentMessage> {
    const now = new Date();
    const { terms, template } = await withTemplate(this.templates, caller.tenantId, input);
    checkTerms(terms, this.directory, now);
    const tenant = await this.tenants.settings(caller.tenantId);
    const context = { tenantId: caller.tenantId, tenant, terms, template, batchId: null, now };
    const { to, contactId, externalId, variables = null } = input;
    const prepared = await this.preparation.open(context, [{ ...NOBODY, to, contactId, externalId, variables }], true);
    const { reserved } = prepared;
    let waiting: SettledWatch | null = null;
    try {
      const { admitted, words, cost } = prepared.compose(0);
      const row = this.factory.make(context, admitted, words, cost);
      if (input.immediate && row.status === 'QUEUED') waiting = this.settled.watch(row);
      const earlier = await this.acceptance.accept(
        { rows: [row], checks: [admitted.checks], source: 'API', actor: actorOf(caller), reserved },
        key ? { key, resultId: row.id } : undefined,
      );
      await (earlier ? null : waiting?.settled(IMMEDIATE_MS));
      const message = earlier || waiting ? await findMessage(this.db.sql, caller.tenantId, earlier?.resultId ?? row.id) : row;
      return { message, duplicate: earlier !== null };
    } finally {
      reserved.release();
      waiting?.stop();
    }
  }

  private keyOf(tenantId: string, { idempotencyKey, ...input }: Request): IdempotencyKey {
    // Keyed, because a plain hash of a number and a text could be guessed.
    return {
      tenantId,
      operation: 'sendMessage',
      key: idempotencyKey ?? '',
      requestHash: this.index.hash(tenantId, canonicalJson(input)),
    };
  }
}
