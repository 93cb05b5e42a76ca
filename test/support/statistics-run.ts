import { pino } from 'pino';
import { ENTITIES } from '../../src/app/build-accounts.js';
import { MessageAcceptance } from '../../src/messages/accept-messages.js';
import { applyChanges, lockMessages, type EventNote } from '../../src/messages/message-changes.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { Database } from '../../src/platform/database/database.js';
import { idFloor, newId } from '../../src/platform/ids.js';
import type { Difference } from '../../src/statistics/difference.js';
import type { Statistics } from '../../src/statistics/statistics.js';
import type { Span } from '../../src/statistics/span.js';
import type { StatisticsFilter } from '../../src/statistics/statistics.queries.js';
import { StatisticsService } from '../../src/statistics/statistics.service.js';
import { Verification, type Verified } from '../../src/statistics/verification.js';
import { messageRow } from './builders.js';
import { createTestDatabase } from './test-database.js';

const TENANT = '01900000-0000-7000-8000-000000000001';

/** Messages and their statistics on a database of their own, without anybody who sends. */
export class StatisticsRun {
  readonly tenantId = TENANT;
  timeZone = 'UTC';
  currency = 'USD';
  private readonly acceptance: MessageAcceptance;
  private readonly service: StatisticsService;

  private constructor(
    readonly db: Database,
    private readonly drop: () => Promise<void>,
  ) {
    const nobody = { hint: async () => undefined, publish: () => undefined };
    this.acceptance = new MessageAcceptance(db, nobody, nobody);
    this.service = new StatisticsService(db, { settings: async () => this });
  }

  static async start(): Promise<StatisticsRun> {
    const database = await createTestDatabase();
    const db = await Database.connect({ url: database.url, entities: ENTITIES, connections: 8, log: pino({ level: 'silent' }) });
    return new StatisticsRun(db, () => database.drop());
  }

  /** Stores new messages, each as `overrides` has it, with the ids of their time. */
  async accept(...overrides: Partial<MessageRow>[]): Promise<MessageRow[]> {
    const rows = overrides.map(({ createdAt = new Date(), ...one }) =>
      messageRow({ tenantId: TENANT, id: idFloor(createdAt).slice(0, 14) + newId().slice(14), createdAt, ...one }),
    );
    await this.acceptance.accept({ rows, checks: [], source: 'API', actor: null });
    return rows;
  }

  /** Each message with its change, all in one transaction. */
  async change(sets: ReadonlyMap<string, Partial<MessageRow>>, note: Partial<EventNote> = {}): Promise<void> {
    await this.db.transaction(async (tx) => {
      const rows = await lockMessages(tx, [...sets.keys()]);
      await applyChanges(
        tx,
        rows.map((row) => ({ row, set: sets.get(row.id) ?? {}, note: { source: 'WORKER', at: new Date(), ...note } })),
      );
    });
  }

  /** The last hour, and the next, unless told otherwise. */
  read(filter: StatisticsFilter = {}, range: Partial<Span> = {}, tenantId = this.tenantId): Promise<Statistics> {
    const now = Date.now();
    return this.service.of({ tenantId }, { from: new Date(now - 3_600_000), to: new Date(now + 3_600_000), ...range }, filter);
  }

  async verify({ repair = false } = {}): Promise<Verified & { found: Difference[] }> {
    const found: Difference[] = [];
    const verified = await new Verification(this.db).run({ id: TENANT, retentionDays: 90 }, { repair, found: (one) => found.push(one) });
    return { ...verified, found };
  }

  async stop(): Promise<void> {
    await this.db.close();
    await this.drop();
  }
}
