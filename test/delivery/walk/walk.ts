import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { vi } from 'vitest';
import { ReceiptApplier } from '../../../src/delivery/apply-receipts.js';
import { Claims } from '../../../src/delivery/claim.js';
import { ClaimFactReader } from '../../../src/delivery/claim-facts.js';
import { Fallback } from '../../../src/delivery/fallback.js';
import { FreeText } from '../../../src/delivery/free-text.js';
import { StatusLookUp } from '../../../src/delivery/look-up.js';
import { ProviderDirectory } from '../../../src/delivery/provider-directory.js';
import { ProviderHealth } from '../../../src/delivery/provider-health.js';
import type { Receipt } from '../../../src/delivery/provider.js';
import { OutcomeRecorder } from '../../../src/delivery/record-outcomes.js';
import { Routing } from '../../../src/delivery/routing.js';
import { Sweep } from '../../../src/delivery/sweep.js';
import { BudgetLedger } from '../../../src/messages/budget-ledger.js';
import { applyChanges, lockMessages } from '../../../src/messages/message-changes.js';
import { retries } from '../../../src/messages/message-retry.js';
import { CANCELLABLE } from '../../../src/messages/message-status.js';
import type { MessageRow } from '../../../src/messages/message.row.js';
import { newId } from '../../../src/platform/ids.js';
import { spend } from '../../../src/statistics/spend.js';
import { outcomeSettings } from '../../support/builders.js';
import type { TestStore } from '../../support/test-store.js';
import type { Dice } from './dice.js';
import { WalkProvider } from './walk-provider.js';

const PERSON = { name: 'A person' };

/** Messages to which anything happens that may, by what the program does it with. Time is the test's own. */
export class Walk {
  readonly provider: WalkProvider;
  readonly ids: string[] = [];
  /** A person has asked for them again, whatever the provider may have of them. */
  readonly retried = new Set<string>();
  /** Asked again although the provider had them and had not said that they failed. */
  readonly askedTwice: string[] = [];
  private readonly parts: ReturnType<typeof partsOf>;

  constructor(
    private readonly store: TestStore,
    private readonly dice: Dice,
    private readonly batchId: string,
  ) {
    this.provider = new WalkProvider(dice);
    this.parts = partsOf(store, this.provider, dice);
  }

  async step(): Promise<void> {
    const { dice } = this;
    const next = dice.pick([
      'accept',
      'claim',
      'claim',
      'answer',
      'answer',
      'report',
      'report',
      'tidy',
      'wait',
      'person',
      'night',
    ] as const);
    if (next === 'accept') for (let n = 0; n < 3; n++) await this.accept();
    else if (next === 'claim') await this.claim();
    else if (next === 'answer') await Promise.all([this.answer(), this.report()]);
    else if (next === 'report') await this.report();
    else if (next === 'tidy') await this.tidy();
    else if (next === 'wait') this.wait(dice.pick([1, 7, 31, 70, 360, 1_200]));
    else if (next === 'person') await this.person();
    else await this.night(dice.happens(0.5));
  }

  /** As long as somebody works and providers answer, all that is under way comes to its end. */
  async settle(): Promise<void> {
    await this.night(false);
    for (let round = 0; round < 30; round++) {
      this.wait(400);
      await this.tidy();
      await this.claim();
      await this.answer(1);
    }
  }

  async rows(): Promise<MessageRow[]> {
    return Promise.all(this.ids.map((id) => this.store.find(id)));
  }

  private wait(seconds: number): void {
    vi.setSystemTime(Date.now() + seconds * 1000);
  }

  private async accept(): Promise<void> {
    const { dice } = this;
    const now = new Date();
    const dueAt = dice.happens(0.2) ? new Date(now.getTime() + 60_000) : now;
    const { id } = await this.store.accept({
      id: newId(),
      toHash: randomBytes(16),
      category: dice.pick(['UTILITY', 'AUTHENTICATION']),
      status: dueAt > now ? 'SCHEDULED' : 'QUEUED',
      createdAt: now,
      queuedAt: dueAt > now ? null : now,
      dueAt,
      hintAt: dueAt,
      scheduledFor: dueAt > now ? dueAt : null,
      expiresAt: dice.happens(0.2) ? new Date(now.getTime() + 900_000) : null,
      batchId: dice.happens(0.5) ? this.batchId : null,
      estimateAmount: '0.010',
      estimateCurrency: 'USD',
    });
    this.ids.push(id);
  }

  private async claim(): Promise<void> {
    for (const claimed of await this.parts.claims().take(this.ids)) {
      const { row } = claimed;
      const mayArrive = this.provider.callsOf(row.id).some(({ isTaken, told }) => isTaken && !told.has('FAILED'));
      if (mayArrive && !this.retried.has(row.id)) this.askedTwice.push(row.id);
      this.provider.call(claimed);
    }
  }

  private async answer(probability = 0.5): Promise<void> {
    const open = this.provider.calls.filter(({ isAnswered }) => !isAnswered);
    const answers = this.dice.some(open, probability).map((call) => this.provider.answer(call));
    await Promise.all(answers.map((outcome) => this.parts.recorder.add(outcome)));
  }

  private async report(): Promise<void> {
    const taken = this.provider.calls.filter(({ isTaken }) => isTaken);
    const receipts: Receipt[] = this.dice.some(taken.slice(-8), 0.3).map((call) => this.provider.report(call));
    const at = new Date();
    await this.parts.applier.apply(receipts.map((receipt) => ({ receipt, provider: 'twilio', source: 'WEBHOOK', at })));
  }

  private async tidy(): Promise<void> {
    await this.parts.sweep.run();
    for (const status of ['UNCONFIRMED', 'SENT'] as const) await this.parts.lookUp.runDue(status);
  }

  /** Withdraws what waits, or asks for it again where it has failed. */
  private async person(): Promise<void> {
    const now = new Date();
    await this.store.db.transaction(async (tx) => {
      const rows = await lockMessages(tx, this.dice.some(this.ids, 0.2));
      const again = (await retries(tx, rows, now, PERSON)).filter((change) => typeof change !== 'string');
      for (const { row } of again) this.retried.add(row.id);
      const withdrawn = rows
        .filter(({ status }) => CANCELLABLE.includes(status) && this.dice.happens(0.5))
        .map((row) => ({
          row,
          set: { status: 'CANCELLED' as const, hintAt: null },
          note: { source: 'API' as const, at: now, actor: PERSON },
        }));
      await applyChanges(tx, [...again, ...withdrawn]);
    });
  }

  /** Quiet hours, or none. */
  private async night(isQuiet: boolean): Promise<void> {
    const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
    const quiet = isQuiet ? JSON.stringify({ start: inHours(-1), end: inHours(0.3), categories: ['UTILITY'] }) : null;
    await sql`update tenants set quiet_hours = ${quiet}::jsonb where id = ${this.store.tenantId}`.execute(this.store.db.sql);
  }
}

/** The program's own, around the provider. */
function partsOf({ db, sealer, told, acceptance, optOuts }: TestStore, { provider }: WalkProvider, { roll }: Dice) {
  const directory = new ProviderDirectory([provider], { SMS: ['twilio'] });
  const routing = new Routing(directory, new ProviderHealth());
  const fallback = new Fallback(acceptance, sealer);
  const settings = { ...outcomeSettings({ random: roll }), timeoutMs: 500 };
  return {
    recorder: new OutcomeRecorder(db, fallback, optOuts, told, settings),
    applier: new ReceiptApplier(db, fallback, optOuts, told, settings),
    lookUp: new StatusLookUp(db, directory, fallback, optOuts, told, sealer, pino({ level: 'silent' }), settings),
    sweep: new Sweep(db, told, told, fallback, told, { lookUpAfterMs: 60_000 }),
    // New for each: budgets and quiet hours are remembered for a while.
    claims: () =>
      new Claims(
        db,
        routing,
        told,
        new ClaimFactReader(new BudgetLedger(spend), new FreeText(directory, sealer), { messagingEnabled: true }),
        { leaseMs: 25_000 },
      ),
  };
}
