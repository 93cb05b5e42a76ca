import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Caller } from '../accounts/caller.js';
import type { ContactReader } from '../contacts/contact-reader.js';
import type { ContactRow } from '../contacts/contact.row.js';
import type { ContactService } from '../contacts/contact.service.js';
import { Refusal } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { newId } from '../platform/ids.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import type { ConsentProof } from './consent-chain.js';
import { applyConsentChanges } from './consent-changes.js';
import type { OptInQuestions } from './consent.ports.js';
import { consentsOf, type StatedConsent } from './consent.queries.js';
import { stateAt, type ConsentEventRow, type ConsentState } from './consent.row.js';
import type { ConsentResult, ConsentService } from './consent.service.js';
import { deleteOptIn, insertOptIn, isOpen, referenceOf, takeByAddress, takeByToken, type OptInRow } from './opt-in.queries.js';
import { checkOptIn, linkTo, type OptInInput } from './opt-in-terms.js';

/** The person's answer by a message. */
export interface OptInAnswer {
  tenantId: string;
  /** That the answer came from: the one that the question went to. */
  address: string;
  channel: Channel;
  at: Date;
  /** What was said: kept sealed. */
  evidence?: Record<string, unknown> | null;
}

const TOKEN_BYTES = 32;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

export interface OptInServices {
  db: Database;
  contacts: ContactService;
  reader: ContactReader;
  consents: ConsentService;
  sealer: Sealer;
  index: BlindIndex;
  questions: OptInQuestions;
}

/** Double opt-in: a person is asked on the channel itself, and agrees there, or by a link that only they were sent. */
export class OptInService {
  constructor(private readonly services: OptInServices) {}

  /** Asks, unless all of it is granted already. Throws Refusal; then nothing was sent, and nothing was changed. */
  async request(caller: Caller, given: OptInInput): Promise<ConsentResult & { token: string | null }> {
    const { db, contacts, consents, questions } = this.services;
    const input = checkOptIn(given);
    const { tenantId } = caller;
    const contact = await contacts.get(caller, input.contact, ['contact']);
    const to = await this.addressOf(contact, input.channel);
    const known = await consents.consents(tenantId, [contact.id]);
    const wanted = input.categories.filter((category) => stateOf(known, input.channel, category) !== 'GRANTED');
    if (wanted.length === 0) return { contact, consents: known, token: null };
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    // Stored first: the answer may be here before the question has been reported as sent. And under the contact's lock: nobody
    // would delete the question of somebody who has been erased by now, and they must not be asked.
    const row = await db.transaction(async (tx) => {
      const locked = await consents.locked(tx, tenantId, contact.id);
      const made = this.rowOf(locked, { ...input, categories: wanted }, to, token);
      await insertOptIn(tx, made);
      return made;
    });
    try {
      const { statement, channel } = input;
      const language = input.language ?? contact.language;
      const link = input.confirmUrl ? linkTo(input.confirmUrl, token) : null;
      await questions.ask(caller, { to, channel, language, statement, link, reference: referenceOf(row.id), expiresAt: row.expiresAt });
    } catch (error) {
      await deleteOptIn(db.sql, tenantId, row.id);
      throw error;
    }
    return { ...(await this.markPending(caller, contact.id, row)), token };
  }

  /** The link was opened. Throws Refusal NOT_FOUND: it was used, withdrawn or never made, or its time is over. */
  async confirm(caller: Caller, token: string): Promise<ConsentResult> {
    const { db, consents } = this.services;
    const { tenantId } = caller;
    const at = new Date();
    const hash = hashOf(token);
    return db.transaction(async (tx) => {
      const row = await takeByToken(tx, tenantId, hash, at);
      if (!row || !timingSafeEqual(row.tokenHash, hash))
        throw new Refusal('NOT_FOUND', 'The link is not valid any more: it was used, or its time is over.', ['token']);
      const contact = await consents.locked(tx, tenantId, row.contactId);
      await this.grant(tx, contact, row, { at, actor: caller.name, answer: { by: 'LINK' }, caller });
      return { contact, consents: await consentsOf(tx, tenantId, [contact.id]) };
    });
  }

  /** The person has said yes on the channel. Null where nothing had gone out to them there by then, or too long ago. */
  async answer(tx: Transaction<unknown>, { tenantId, address, channel, at, evidence }: OptInAnswer): Promise<ConsentEventRow[] | null> {
    const row = await takeByAddress(tx, tenantId, this.services.index.hash(tenantId, address), channel, at);
    if (!row) return null;
    const contact = await this.services.consents.locked(tx, tenantId, row.contactId);
    return this.grant(tx, contact, row, { at, actor: null, answer: { by: 'REPLY', ...evidence }, caller: null });
  }

  private async grant(
    tx: Transaction<unknown>,
    contact: ContactRow,
    { id, tenantId, channel, categories, sealed, createdAt }: OptInRow,
    { at, actor, answer, caller }: { at: Date; actor: string | null; answer: Record<string, unknown>; caller: Caller | null },
  ): Promise<ConsentEventRow[]> {
    const { sealer } = this.services;
    const proof: ConsentProof = {
      statement: sealer.open(sealed, tenantId) as string,
      evidence: { ...answer, optIn: id, askedAt: createdAt.toISOString() },
      ip: caller?.ip ?? null,
      userAgent: caller?.userAgent ?? null,
    };
    await this.services.consents.lift(tx, contact, { channels: [channel], categories });
    const change = {
      contactId: contact.id,
      channel,
      to: 'GRANTED' as const,
      source: 'DOUBLE_OPT_IN' as const,
      actor,
      at,
      expiresAt: null,
      proof,
    };
    return applyConsentChanges(
      tx,
      sealer,
      tenantId,
      categories.map((category) => ({ ...change, category })),
    );
  }

  private markPending(caller: Caller, contactId: string, { id, channel, categories, sealed }: OptInRow): Promise<ConsentResult> {
    const { db, consents, sealer } = this.services;
    const { tenantId, name: actor, ip, userAgent } = caller;
    return db.transaction(async (tx) => {
      const contact = await consents.locked(tx, tenantId, contactId);
      if (await isOpen(tx, tenantId, id)) {
        const now = await consentsOf(tx, tenantId, [contact.id]);
        const proof = { statement: sealer.open(sealed, tenantId) as string, evidence: { optIn: id }, ip, userAgent };
        const change = { contactId: contact.id, channel, to: 'PENDING' as const, source: 'DOUBLE_OPT_IN' as const, actor, proof };
        const open = categories.filter((category) => stateOf(now, channel, category) === 'NONE');
        const changes = open.map((category) => ({ ...change, category, at: new Date(), expiresAt: null }));
        await applyConsentChanges(tx, sealer, tenantId, changes);
      }
      return { contact, consents: await consentsOf(tx, tenantId, [contact.id]) };
    });
  }

  private rowOf({ id: contactId, tenantId }: ContactRow, input: OptInInput, to: string, token: string): OptInRow {
    const { sealer, index } = this.services;
    const createdAt = new Date();
    return {
      id: newId(),
      tenantId,
      contactId,
      channel: input.channel,
      categories: input.categories,
      sealed: sealer.seal(input.statement, tenantId),
      addressHash: index.hash(tenantId, to),
      tokenHash: hashOf(token),
      createdAt,
      expiresAt: new Date(createdAt.getTime() + input.validSeconds * 1000),
    };
  }

  private async addressOf({ id, tenantId }: ContactRow, channel: Channel): Promise<string> {
    const { contacts, reader } = this.services;
    const to = reader.addressOn(await contacts.identities(tenantId, [id]), channel);
    if (to === null) throw new Refusal('INVALID_INPUT', `The contact has no address for ${channel}.`, ['channel']);
    return to;
  }
}

function stateOf(consents: readonly StatedConsent[], channel: Channel, category: MessageCategory): ConsentState {
  const consent = consents.find((one) => one.channel === channel && one.category === category);
  return consent ? stateAt(consent, new Date()) : 'NONE';
}
