import type { Transaction } from 'kysely';
import type { AuditLog } from '../accounts/audit-log.js';
import type { Caller } from '../accounts/caller.js';
import { takePlacesOfPeople } from '../consent/consent.queries.js';
import type { ConsentService } from '../consent/consent.service.js';
import { Refusal } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { isUuid } from '../platform/ids.js';
import { openInbound } from './inbound-content.js';
import type { Effect, InboundEffects, PreparedAnswers } from './inbound-effects.js';
import { decideReview, findInbound, hasResumed, holdSenders, listInbound, noteAnswer, senderHistory } from './inbound.queries.js';
import type { InboundRow } from './inbound.row.js';
import type { InboxPublisher } from './inbox.ports.js';

export interface ReviewServices {
  db: Database;
  audit: AuditLog;
  consents: ConsentService;
  effects: InboundEffects;
  sealer: Sealer;
  publisher: InboxPublisher;
}

/** Messages that may be an opt-out: somebody reads them, and decides. */
export class InboundReviewService {
  constructor(private readonly services: ReviewServices) {}

  /** Newest first; one row more than `page.limit` when there are more. */
  list(caller: Caller, reviewNeeded: boolean | null, page: { limit: number; after: string | null }): Promise<InboundRow[]> {
    return listInbound(this.services.db.sql, caller.tenantId, { reviewNeeded, ...page });
  }

  findMany(caller: Caller, ids: readonly string[]): Promise<InboundRow[]> {
    return findInbound(this.services.db.sql, caller.tenantId, ids);
  }

  /** An opt-out works as if the person had written STOP then: a START after it stays in force. Throws Refusal NOT_FOUND, and CONFLICT: it needs no review. */
  async resolve(caller: Caller, id: string, optOut: boolean): Promise<{ inboundMessage: InboundRow }> {
    const { db, audit, effects, publisher } = this.services;
    const { tenantId } = caller;
    const [found] = isUuid(id) ? await this.findMany(caller, [id]) : [];
    if (!found) throw new Refusal('NOT_FOUND', 'There is no such message.', ['id']);
    const answers = optOut ? await effects.prepareStop(found) : {};
    const { row, after } = await db.transaction(async (tx) => {
      if (optOut) await takePlacesOfPeople(tx, tenantId, [found.fromHash]);
      await holdSenders(tx, tenantId, [found.fromHash]);
      const decided = await decideReview(tx, tenantId, id, optOut ? 'OPT_OUT' : 'NO_OPT_OUT');
      if (!decided) throw new Refusal('CONFLICT', 'The message needs no review, or had one already.', ['id']);
      const act = { action: 'inbound.reviewed', subject: `inboundMessage:${id}`, detail: { optOut } };
      await audit.record(tx, caller, act);
      if (!optOut) return { row: decided, after: [] };
      const effect = await this.stop(tx, decided, answers);
      await noteAnswer(tx, tenantId, id, effect.answer);
      return { row: { ...decided, answer: effect.answer }, after: effect.after };
    });
    for (const publish of after) publish();
    publisher.publish({ tenantId, conversationId: row.conversationId, inboundId: null });
    return { inboundMessage: row };
  }

  private async stop(tx: Transaction<unknown>, decided: InboundRow, answers: PreparedAnswers): Promise<Effect> {
    const { consents, effects, sealer } = this.services;
    if (!decided.sealed) throw new Refusal('CONFLICT', 'The person was erased: nothing is sent to them any more.', ['id']);
    const contact = await consents.locked(tx, decided.tenantId, decided.contactId);
    const { from: address } = openInbound(sealer, decided.tenantId, decided.sealed);
    const row = { ...decided, contactId: contact.id };
    const history = await senderHistory(tx, row);
    // A STOP of that time would have been followed by what the person has said since: that holds. Not what the address's next owner has.
    if (history.overtakenBy.includes(contact.id)) return { intent: 'OPT_OUT', answer: 'NONE', after: [] };
    // START from another address would have given back what the person had agreed to, and not this address.
    const stopped = (await hasResumed(tx, row)) ? null : contact;
    return effects.stop(tx, { row, contact: stopped, address, history, isAnswer: false, byProvider: false }, answers);
  }
}
