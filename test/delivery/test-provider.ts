import { sql } from 'kysely';
import { pino } from 'pino';
import { Admission } from '../../src/delivery/admission.js';
import { Claims } from '../../src/delivery/claim.js';
import { ClaimFactReader } from '../../src/delivery/claim-facts.js';
import { FreeText } from '../../src/delivery/free-text.js';
import { Dispatcher } from '../../src/delivery/dispatch.js';
import { Fallback } from '../../src/delivery/fallback.js';
import { ProviderDirectory } from '../../src/delivery/provider-directory.js';
import { ProviderHealth } from '../../src/delivery/provider-health.js';
import type { Accepted, MessageProvider, OutboundMessage } from '../../src/delivery/provider.js';
import { OutcomeRecorder } from '../../src/delivery/record-outcomes.js';
import { Routing } from '../../src/delivery/routing.js';
import { BudgetLedger } from '../../src/messages/budget-ledger.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { newId } from '../../src/platform/ids.js';
import { spend } from '../../src/statistics/spend.js';
import { outcomeSettings } from '../support/builders.js';
import type { TestStore } from '../support/test-store.js';

type Send = (message: OutboundMessage, signal: AbortSignal) => Promise<Accepted>;

/** A provider whose answers the test decides, and workers that send by it. */
export class TestProvider {
  readonly asked: OutboundMessage[] = [];
  send: Send = async ({ id }) => ({ providerMessageId: `SM-${id}` });

  constructor(private readonly store: TestStore) {}

  worker({ concurrency = 8, leaseMs = 5_000, timeoutMs = 500, staleMs = 1_000, messagingEnabled = true } = {}): {
    dispatcher: Dispatcher;
    claims: Claims;
    health: ProviderHealth;
  } {
    const { db, sealer, told, acceptance } = this.store;
    const provider = {
      name: 'twilio',
      channels: ['SMS'],
      send: (message: OutboundMessage, signal: AbortSignal) => {
        this.asked.push(message);
        return this.send(message, signal);
      },
    } as unknown as MessageProvider;
    const health = new ProviderHealth();
    const directory = new ProviderDirectory([provider], { SMS: ['twilio'] });
    const routing = new Routing(directory, health);
    const facts = new ClaimFactReader(new BudgetLedger(spend), new FreeText(directory, sealer), { messagingEnabled });
    const claims = new Claims(db, routing, told, facts, { leaseMs });
    const recorder = new OutcomeRecorder(db, new Fallback(acceptance, sealer), this.store.optOuts, told, outcomeSettings());
    return {
      claims,
      health,
      dispatcher: new Dispatcher(claims, recorder, health, new Admission(routing), sealer, pino({ level: 'silent' }), {
        timeoutMs,
        concurrency,
        staleMs,
      }),
    };
  }
}

/** Stores so many messages, and returns their ids. */
export const acceptMany = (store: TestStore, count: number, overrides: Partial<MessageRow> = {}): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, async () => (await store.accept(overrides)).id));

export const statusesOf = async (store: TestStore, ids: readonly string[]): Promise<string[]> =>
  (await Promise.all(ids.map((id) => store.find(id)))).map(({ status }) => status);

/** Stores an empty batch, and returns its id. */
export async function storeBatch({ db, tenantId }: TestStore, status: string): Promise<string> {
  const id = newId();
  await sql`
    insert into batches (id, tenant_id, name, status, channels, category)
    values (${id}, ${tenantId}, 'Batch', ${status}, '{SMS}', 'UTILITY')`.execute(db.sql);
  return id;
}
