import { createSecretKey } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { ENTITIES } from '../../src/app/build-accounts.js';
import { ConsentWithdrawal } from '../../src/consent/consent-withdrawal.js';
import { ProviderOptOuts } from '../../src/consent/provider-opt-outs.js';
import type { LaneQueue, LookUpQueue, SilentStatus } from '../../src/delivery/delivery.ports.js';
import { OptOuts } from '../../src/delivery/opt-outs.js';
import { MessageAcceptance } from '../../src/messages/accept-messages.js';
import { WaitingMessages } from '../../src/messages/held-messages.js';
import { sealContent } from '../../src/messages/message-content.js';
import type { EventRow } from '../../src/messages/message-event.js';
import { factOf, type MessageFact, type MessageNews } from '../../src/messages/message-fact.js';
import type { DispatchHint, MessagePublisher } from '../../src/messages/message.ports.js';
import { eventsOfMessages, findMessagesOfAllTenants } from '../../src/messages/message.queries.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { Database } from '../../src/platform/database/database.js';
import { BlindIndex } from '../../src/platform/encryption/blind-index.js';
import { Sealer } from '../../src/platform/encryption/sealer.js';
import { newId } from '../../src/platform/ids.js';
import { Secret } from '../../src/secret.js';
import { messageRow } from './builders.js';
import { createTestDatabase } from './test-database.js';

/** Keeps what it was told, in place of Redis. */
class Recorder implements LaneQueue, LookUpQueue, MessagePublisher {
  readonly hinted: string[] = [];
  readonly lookUps: Record<SilentStatus, number>[] = [];
  readonly news: MessageNews[] = [];

  async hint(hints: DispatchHint[]): Promise<void> {
    this.hinted.push(...hints.flatMap(({ messageIds }) => messageIds));
  }

  async idleLanes() {
    return ['otp' as const, 'transactional' as const, 'bulk' as const];
  }

  async callLookUps({ UNCONFIRMED, SENT }: Readonly<Record<SilentStatus, number>>): Promise<void> {
    this.lookUps.push({ UNCONFIRMED, SENT });
  }

  publish(news: readonly MessageNews[]): void {
    this.news.push(...news);
  }

  get published(): MessageFact[] {
    return this.news.map(factOf);
  }
}

export interface TestStore {
  db: Database;
  url: string;
  tenantId: string;
  sealer: Sealer;
  index: BlindIndex;
  acceptance: MessageAcceptance;
  optOuts: OptOuts;
  told: Recorder;
  /** Accepts a message as it is given, its content sealed. */
  accept(overrides?: Partial<MessageRow>): Promise<MessageRow>;
  find(id: string): Promise<MessageRow>;
  events(id: string): Promise<EventRow[]>;
  close(): Promise<void>;
}

/** Messages in a real database, without the rest of the program. */
export async function openTestStore(): Promise<TestStore> {
  const database = await createTestDatabase();
  const db = await Database.connect({ url: database.url, entities: ENTITIES, connections: 8, log: pino({ level: 'silent' }) });
  const tenantId = newId();
  await sql`insert into tenants (id, slug, name, implied_consent) values (${tenantId}, 'clinic', 'Clinic', '{UTILITY}')`.execute(db.sql);
  const sealer = new Sealer([new Secret('ab'.repeat(32))]);
  const index = new BlindIndex(createSecretKey(Buffer.alloc(32, 1)));
  const told = new Recorder();
  const acceptance = new MessageAcceptance(db, told, told);
  return {
    db,
    url: database.url,
    tenantId,
    sealer,
    index,
    acceptance,
    optOuts: new OptOuts(new ProviderOptOuts(new ConsentWithdrawal(sealer, index, new WaitingMessages(told))), sealer),
    told,
    accept: async (overrides = {}) => {
      const content = { to: '+14155550100', from: null, body: 'Hello', mediaUrls: [] };
      const row = messageRow({ tenantId, sealed: sealContent(sealer, tenantId, content), ...overrides });
      await acceptance.accept({ rows: [row], checks: [], source: 'API', actor: null });
      return row;
    },
    find: async (id) => {
      const [row] = await findMessagesOfAllTenants(db.sql, [id]);
      if (!row) throw new Error('There is no such message.');
      return row;
    },
    events: (id) => eventsOfMessages(db.sql, tenantId, [id]),
    close: async () => {
      await db.close();
      await database.drop();
    },
  };
}
