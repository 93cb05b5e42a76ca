import { sql, type Kysely, type Transaction } from 'kysely';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import { newId } from '../platform/ids.js';
import type { Channel } from '../vocabulary.js';
import type { AnswerWindow } from './inbox.ports.js';

export interface Question {
  tenantId: string;
  /** E.164 number or WhatsApp user id. */
  address: string;
  channel: Channel;
  /** What it is about, for whoever asked: "appointment:<id>". */
  subject: string;
  opensAt: Date;
  closesAt: Date;
}

/** Questions that YES and CANCEL answer while they are open. */
export class AnswerWindows implements AnswerWindow {
  constructor(private readonly index: BlindIndex) {}

  /** In the transaction that stores the message which asks. Returns the question's id. */
  async open(db: Kysely<unknown>, { tenantId, address, channel, subject, opensAt, closesAt }: Question): Promise<string> {
    const id = newId();
    await sql`
      insert into answer_windows (id, tenant_id, address_hash, channel, subject, opens_at, closes_at)
      values (${id}, ${tenantId}, ${this.index.hash(tenantId, address)}, ${channel}, ${subject}, ${opensAt}, ${closesAt})`.execute(db);
    return id;
  }

  /** Of several that are open, an answer means the last that was asked. */
  async openFor(
    tx: Transaction<unknown>,
    { tenantId, addressHash, channel, at }: Parameters<AnswerWindow['openFor']>[1],
  ): Promise<{ questionId: string } | null> {
    const { rows } = await sql<{ questionId: string }>`
      select id as "questionId" from answer_windows
      where tenant_id = ${tenantId} and address_hash = ${addressHash} and channel = ${channel}
        and answered_at is null and opens_at <= ${at} and closes_at > ${at}
      order by opens_at desc, id desc limit 1`.execute(tx);
    return rows[0] ?? null;
  }

  async answered(tx: Transaction<unknown>, tenantId: string, questionId: string, at: Date): Promise<void> {
    await sql`
      update answer_windows set answered_at = ${at} where tenant_id = ${tenantId} and id = ${questionId} and answered_at is null`.execute(
      tx,
    );
  }
}
