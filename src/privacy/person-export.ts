import { openAddress, openContact } from '../contacts/contact-content.js';
import { openProof } from '../consent/consent-chain.js';
import type { ConsentService } from '../consent/consent.service.js';
import type { PreferenceService } from '../consent/preference.service.js';
import { stopsOf } from '../consent/stops.queries.js';
import { openInbound } from '../inbox/inbound-content.js';
import { openContent } from '../messages/message-content.js';
import { errorOf, type EventRow } from '../messages/message-event.js';
import { eventsOfMessages } from '../messages/message.queries.js';
import type { MessageRow } from '../messages/message.row.js';
import { formerAddressesOf } from '../contacts/former-address.queries.js';
import type { Database } from '../platform/database/database.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { contactIdsOf } from './erased-contact.queries.js';
import {
  furtherRecords,
  inboundFrom,
  messagesTo,
  webhooksOf,
  type Addressee,
  type HeldInbound,
  type HeldWebhook,
} from './export.queries.js';
import type { Person } from './person-finder.js';
import type { RejectedLines } from './rejected-lines.js';

/** Some of what is held, in the order of the document. */
export interface ExportPart {
  section: string;
  rows: Record<string, unknown>[];
}

const PAGE = 500;

/** Reads everything that is held of a person, a page at a time. */
export class PersonExport {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
    private readonly records: { consents: ConsentService; preferences: PreferenceService },
    private readonly lines: RejectedLines,
  ) {}

  async *read(tenantId: string, person: Person): AsyncGenerator<ExportPart, void, undefined> {
    const { contact, identities, addresses, addressHashes } = person;
    const contactIds = contact ? await contactIdsOf(this.db.sql, tenantId, contact.id) : [];
    if (contact) {
      const stops = await stopsOf(this.db.sql, tenantId, contact.id);
      yield { section: 'contact', rows: [{ ...this.contactOf(person), stops }] };
    }
    yield {
      section: 'identities',
      rows: identities.map((one) => ({
        channel: one.channel,
        scope: one.scope,
        address: openAddress(this.sealer, one),
        namedAt: one.namedAt,
        lastSeenAt: one.lastSeenAt,
      })),
    };
    if (contact) yield* this.agreed(tenantId, contact.id);
    const { optIns, ...further } = await furtherRecords(this.db.sql, tenantId, { contactIds, addressHashes });
    yield { section: 'optInRequests', rows: optIns.map(({ sealed, ...row }) => ({ ...row, statement: this.open(sealed, tenantId) })) };
    for (const [section, rows] of Object.entries(further)) yield { section, rows };
    const former = await formerAddressesOf(this.db.sql, tenantId, contactIds);
    yield* this.messages(tenantId, { contactIds, addressHashes, formerHashes: former.map(({ addressHash }) => addressHash) });
    yield* this.inbound(tenantId, { contactIds, addressHashes });
    yield { section: 'rejectedUploads', rows: [] };
    const names = [...contactIds, ...addresses, ...(contact?.externalId ? [contact.externalId] : [])];
    for await (const { batchId, lines } of this.lines.of({ tenantId, addressHashes, names }))
      yield { section: 'rejectedUploads', rows: lines.map((line) => ({ batchId, ...line })) };
  }

  private contactOf({ contact }: Person): Record<string, unknown> {
    if (!contact) return {};
    const { id, externalId, language, timeZone, createdAt, updatedAt, erasedAt } = contact;
    return { id, externalId, ...openContact(this.sealer, contact), language, timeZone, createdAt, updatedAt, erasedAt };
  }

  private async *agreed(tenantId: string, id: string): AsyncGenerator<ExportPart, void, undefined> {
    const { consents, preferences } = this.records;
    const given = await consents.consents(tenantId, [id]);
    yield {
      section: 'consents',
      rows: given.map(({ channel, category, state, source, updatedAt, expiresAt }) => ({
        channel,
        category,
        state,
        source,
        updatedAt,
        expiresAt,
      })),
    };
    const history = await consents.history(tenantId, [id]);
    yield {
      section: 'consentHistory',
      rows: history.map(({ sealed, tenantId: _tenant, sealedDigest, hash, personId: _person, ...event }) => ({
        ...event,
        ...openProof(this.sealer, { sealed, tenantId }),
        sealedDigest: sealedDigest.toString('hex'),
        hash: hash.toString('hex'),
      })),
    };
    const wanted = await preferences.preferences(tenantId, [id]);
    yield {
      section: 'preferences',
      rows: wanted.map(({ topic, channel, enabled, updatedAt }) => ({ topic, channel, enabled, updatedAt })),
    };
  }

  private async *messages(tenantId: string, sent: Addressee): AsyncGenerator<ExportPart, void, undefined> {
    for (let after: string | null = null; ;) {
      const page: MessageRow[] = await messagesTo(this.db.sql, tenantId, sent, { after, limit: PAGE });
      const ids = page.map(({ id }) => id);
      const events = Map.groupBy(await eventsOfMessages(this.db.sql, tenantId, ids), ({ messageId }) => messageId);
      const webhooks = Map.groupBy(await webhooksOf(this.db.sql, { messageIds: ids, incoming: [] }), ({ messageId }) => messageId);
      yield {
        section: 'messages',
        rows: page.map((row) => this.messageOf(row, events.get(row.id) ?? [], webhooks.get(row.id) ?? [])),
      };
      after = ids.at(-1) ?? null;
      if (page.length < PAGE) return;
    }
  }

  private messageOf(row: MessageRow, events: readonly EventRow[], webhooks: readonly HeldWebhook[]): Record<string, unknown> {
    const { sealed, toHash: _hash, tenantId, trace: _trace, ...told } = row;
    return {
      ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
      ...(sealed ? openContent(this.sealer, tenantId, sealed) : {}),
      events: events.map((event) => ({
        id: event.id,
        at: event.at,
        status: event.status,
        source: event.source,
        provider: event.provider,
        error: errorOf(event),
        actor: event.actor,
        detail: event.detail,
      })),
      providerReports: webhooks.map((webhook) => this.webhookOf(webhook)),
    };
  }

  private async *inbound(
    tenantId: string,
    person: { contactIds: readonly string[]; addressHashes: readonly Buffer[] },
  ): AsyncGenerator<ExportPart, void, undefined> {
    for (let after: string | null = null; ;) {
      const page: HeldInbound[] = await inboundFrom(this.db.sql, tenantId, person, { after, limit: PAGE });
      const incoming = page.map(({ providerMessageId }) => providerMessageId);
      const webhooks = Map.groupBy(await webhooksOf(this.db.sql, { messageIds: [], incoming }), (one) => one.providerMessageId);
      yield {
        section: 'inboundMessages',
        rows: page.map(({ sealed, ...row }) => ({
          ...row,
          ...(sealed ? openInbound(this.sealer, tenantId, sealed) : {}),
          providerReports: (webhooks.get(row.providerMessageId) ?? []).map((webhook) => this.webhookOf(webhook)),
        })),
      };
      after = page.at(-1)?.id ?? null;
      if (page.length < PAGE) return;
    }
  }

  /** As it came. */
  private webhookOf({ provider, receivedAt, sealed }: HeldWebhook): Record<string, unknown> {
    return { receivedAt, body: (this.sealer.open(sealed, provider) as { rawBody?: string }).rawBody ?? null };
  }

  private open(sealed: unknown, tenantId: string): unknown {
    return sealed instanceof Uint8Array ? this.sealer.open(sealed, tenantId) : null;
  }
}
