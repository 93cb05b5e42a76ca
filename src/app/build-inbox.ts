import type { Logger } from 'pino';
import type { OptInService } from '../consent/opt-in.service.js';
import { AnswerWindows } from '../inbox/answer-windows.js';
import { AutomaticAnswers, type AnsweringTenants } from '../inbox/automatic-answers.js';
import { ConversationService } from '../inbox/conversation.service.js';
import { InboundEffects } from '../inbox/inbound-effects.js';
import { InboundReviewService } from '../inbox/inbound-review.service.js';
import { InboundService, type InboundServices } from '../inbox/inbound.service.js';
import { InboundTenants } from '../inbox/inbound-tenants.js';
import type { InboxFeed } from '../inbox/inbox-feed.js';
import type { AuditLog } from '../accounts/audit-log.js';
import type { MessageAcceptance } from '../messages/accept-messages.js';
import type { MessageFactory } from '../messages/message-factory.js';
import type { MessageService } from '../messages/message.service.js';
import type { SendMessageService } from '../messages/send-message.service.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import type { Metrics } from '../platform/metrics/metrics.js';
import type { TemplateBook } from '../templates/template-book.js';
import type { People } from './build-people.js';

export interface InboxParts {
  db: Database;
  metrics: Metrics;
  feed: InboxFeed;
  audit: AuditLog;
  tenants: AnsweringTenants;
  sealer: Sealer;
  index: BlindIndex;
  people: People;
  optIns: OptInService;
  templates: TemplateBook;
  factory: MessageFactory;
  acceptance: MessageAcceptance;
  messages: MessageService;
  sending: SendMessageService;
  log: Logger;
}

/** What people write to us, and what becomes of it. */
export function buildInbox({
  people,
  tenants,
  templates,
  factory,
  acceptance,
  messages,
  sending,
  optIns,
  audit,
  log,
  ...shared
}: InboxParts) {
  const { db, feed, sealer, index, metrics } = shared;
  const count: InboundServices['count'] = ({ channel, intent, answer }) => metrics.inbound.inc({ channel, intent, answer });
  const { contacts, consents } = people;
  const windows = new AnswerWindows(index);
  const answers = new AutomaticAnswers(tenants, templates, factory, acceptance, index);
  const effects = new InboundEffects(consents, optIns, contacts, answers);
  const services = { db, contacts, consents, effects, sealer, index, audit, publisher: feed };
  return {
    feed,
    windows,
    inbound: new InboundService({ ...services, count, windows, tenants: new InboundTenants(db.sql, index) }),
    reviews: new InboundReviewService(services),
    conversations: new ConversationService({ ...services, messages, sending, log }),
  };
}
