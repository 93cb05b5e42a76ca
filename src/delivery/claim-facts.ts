import type { Transaction } from 'kysely';
import { UNKNOWN_PERSON, type BudgetFacts, type PersonFacts, type PolicyFacts } from '../consent/policy-facts.js';
import type { BatchStatus } from '../messages/batch.row.js';
import type { BudgetLedger } from '../messages/budget-ledger.js';
import { countTowardsCaps } from '../messages/gate-facts.queries.js';
import type { MessageRow } from '../messages/message.row.js';
import type { FreeText } from './free-text.js';
import { deliveredBefore, holdCaps, readFacts, type ClaimFactRows, type ClaimingTenant } from './claim.queries.js';

/** What decides about each message of a claimed group. */
export interface ClaimFacts {
  batchOf(row: MessageRow): BatchStatus | undefined;
  /** Whether the person has it already, from a message that it stands in for. */
  isDelivered(row: MessageRow): boolean;
  /** `now` and what was let through before it. */
  policyOf(row: MessageRow): PolicyFacts;
  /** It goes out: it counts for those that follow in the group. */
  goesOut(row: MessageRow): void;
}

/** Reads what decides about claimed messages, with few statements: every group of every worker passes here. */
export class ClaimFactReader {
  constructor(
    private readonly budgets: BudgetLedger,
    private readonly freeText: FreeText,
    private readonly settings: { messagingEnabled: boolean },
  ) {}

  /** `rows` are locked, and the places of their addresses held. */
  async read(tx: Transaction<unknown>, rows: readonly MessageRow[], now: Date): Promise<ClaimFacts> {
    const subjects = rows.map(({ tenantId, toHash, channel, category, topic }) => ({ tenantId, hash: toHash, channel, category, topic }));
    const tenantIds = [...new Set(rows.map(({ tenantId }) => tenantId))];
    const batchIds = [...new Set(rows.flatMap(({ batchId }) => batchId ?? []))];
    const found = await readFacts(tx, { subjects, tenantIds, batchIds });
    const standIns = rows.filter(({ fallbackOf }) => fallbackOf !== null);
    const delivered = standIns.length > 0 ? await deliveredBefore(tx, standIns) : new Set<string>();
    const sent = await this.countCapped(tx, rows, found.tenants, now);
    const budgets = await this.budgetsOf(tx, found.tenants);
    return new GroupFacts(rows, now, found, { delivered, sent, budgets, freeText: this.freeText, ...this.settings });
  }

  private async countCapped(
    tx: Transaction<unknown>,
    rows: readonly MessageRow[],
    tenants: ReadonlyMap<string, ClaimingTenant>,
    at: Date,
  ): Promise<ReadonlyMap<string, number>> {
    const asked = rows.flatMap((row) => {
      const cap = tenants.get(row.tenantId)?.frequencyCaps.find(({ category }) => category === row.category);
      return cap ? [{ ...cap, id: row.id, tenantId: row.tenantId, hash: row.toHash, at, except: [row.id, row.fallbackOf ?? ''] }] : [];
    });
    if (asked.length === 0) return new Map();
    await holdCaps(tx, [...new Set(asked.map(({ tenantId }) => tenantId))]);
    const counts = await countTowardsCaps(tx, asked, false);
    return new Map(asked.map(({ id }, n) => [id, counts[n] ?? 0]));
  }

  private async budgetsOf(
    tx: Transaction<unknown>,
    tenants: ReadonlyMap<string, ClaimingTenant>,
  ): Promise<ReadonlyMap<string, BudgetFacts[]>> {
    const budgets = new Map<string, BudgetFacts[]>();
    for (const { id, hasBudget, timeZone } of tenants.values())
      if (hasBudget) budgets.set(id, await this.budgets.whenClaimed(tx, { tenantId: id, timeZone }));
    return budgets;
  }
}

/** A tenant that is gone sends nothing. */
const NOBODY: Omit<ClaimingTenant, 'id'> = {
  messagingEnabled: false,
  allowedCountries: [],
  impliedConsent: [],
  quietHours: null,
  timeZone: 'UTC',
  frequencyCaps: [],
  hasBudget: false,
};

interface GroupKnowledge {
  /** Messages. */
  delivered: ReadonlySet<string>;
  /** Towards the cap, by message. */
  sent: ReadonlyMap<string, number>;
  /** By tenant. */
  budgets: ReadonlyMap<string, BudgetFacts[]>;
  freeText: FreeText;
  messagingEnabled: boolean;
}

class GroupFacts implements ClaimFacts {
  private readonly persons: ReadonlyMap<string, PersonFacts>;
  private readonly gone = new Map<string, number>();

  constructor(
    rows: readonly MessageRow[],
    private readonly now: Date,
    private readonly found: ClaimFactRows,
    private readonly known: GroupKnowledge,
  ) {
    this.persons = new Map(rows.map(({ id }, n) => [id, found.persons[n] ?? UNKNOWN_PERSON]));
  }

  batchOf({ batchId }: MessageRow): BatchStatus | undefined {
    return this.found.batches.get(batchId ?? '');
  }

  isDelivered({ id }: MessageRow): boolean {
    return this.known.delivered.has(id);
  }

  policyOf(row: MessageRow): PolicyFacts {
    const { channel, category, topic, country, expiresAt, confirmsOptOut } = row;
    const { messagingEnabled, budgets, freeText } = this.known;
    const tenant = this.found.tenants.get(row.tenantId) ?? NOBODY;
    const person = this.persons.get(row.id) ?? UNKNOWN_PERSON;
    const cap = tenant.frequencyCaps.find((one) => one.category === category);
    // Asked only where it decides: a session that is open lets both pass.
    const isClosed = channel === 'WHATSAPP' && !(person.sessionUntil && person.sessionUntil > this.now);
    const sent = cap ? (this.known.sent.get(row.id) ?? 0) + (this.gone.get(keyOf(row)) ?? 0) : 0;
    return {
      at: this.now,
      looksAhead: false,
      messagingEnabled,
      tenant,
      message: {
        channel,
        category,
        topic,
        country,
        expiresAt,
        isFreeText: isClosed && freeText.is(row),
        confirmsOptOut: confirmsOptOut === true,
      },
      person: cap ? { ...person, cap: { ...cap, sent } } : person,
      budgets: budgets.get(row.tenantId) ?? [],
    };
  }

  goesOut(row: MessageRow): void {
    const key = keyOf(row);
    if (this.known.sent.has(row.id)) this.gone.set(key, (this.gone.get(key) ?? 0) + 1);
  }
}

const keyOf = ({ tenantId, toHash, category }: MessageRow): string => `${tenantId} ${category} ${toHash.toString('base64')}`;
