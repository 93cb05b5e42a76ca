import type { AuditLog } from '../accounts/audit-log.js';
import { systemCaller } from '../accounts/system-caller.js';
import type { Database } from '../platform/database/database.js';
import { dateAt, momentAfter } from '../platform/time-zone.js';
import type { RejectedLines } from './rejected-lines.js';
import {
  bringTurnsForward,
  clockOf,
  deleteInbound,
  deleteMessages,
  deleteWebhooks,
  endTurn,
  firstKept,
  insertTurns,
  lockEnded,
  longestRetention,
  moveKeptFrom,
  nextWebhooks,
  outlookOf,
  postponeTurn,
  quietOnes,
  takeDueTenants,
  tenantsWithoutTurn,
  type DueTenant,
  type ExpiredScope,
  type Outlook,
} from './retention.queries.js';

const DAY_MS = 86_400_000;
/** By the tenant's clocks. */
const AT_MINUTE = 2 * 60;
const LONGEST_UPLOAD_MS = 7 * DAY_MS;
const CHUNK = 500;
const WEBHOOKS = 2_000;
const AT_ONCE = 20;
const TURN_MS = 50_000;

const midnightBefore = (at: number): Date => new Date(at - (at % DAY_MS));
const earlier = (a: Date, b: Date): Date => (a < b ? a : b);

/** Before this midnight (UTC) everything is older than the tenant keeps it. */
export const keptSince = (retentionDays: number, now: Date): Date => midnightBefore(now.getTime() - retentionDays * DAY_MS);

/** The next time that it is 02:00 there. */
export function nextNight(now: Date, timeZone: string): Date {
  const today = dateAt(now, timeZone);
  const tonight = momentAfter(now, today, AT_MINUTE, timeZone);
  return tonight > now ? tonight : momentAfter(now, { ...today, day: today.day + 1 }, AT_MINUTE, timeZone);
}

/**
 * Deletes what a tenant keeps no longer than its `retentionDays`: messages to which nothing has happened since, with their events and receipts,
 * what people wrote, and the words of refused lines of uploads. Statistics, counts of batches, consents and the audit log
 * stay. Every step finds only what is left, so that it may break off anywhere and be done twice.
 */
export class Retention {
  constructor(
    private readonly db: Database,
    private readonly lines: RejectedLines,
    private readonly audit: AuditLog,
  ) {}

  /** By the clock: whoever's night it is, or was. Returns how many tenants had a turn. Throws what failed, once each has had it. */
  async run(at?: Date, turnMs = TURN_MS): Promise<number> {
    const now = at ?? (await clockOf(this.db.sql));
    await this.giveTurns(now);
    const due = await takeDueTenants(this.db.sql, now, AT_ONCE);
    if (due.length === 0) return 0;
    const until = Date.now() + turnMs;
    const errors: unknown[] = [];
    for (const [n, tenant] of due.entries()) {
      // Of what is left each has an equal share: a tenant with years to delete does not keep the others from their nights.
      const share = Date.now() + (until - Date.now()) / (due.length - n);
      await this.turn(tenant, now, share).catch((error: unknown) => errors.push(error));
    }
    await this.deleteUnclaimed(now, until).catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'Several tenants could not be worked on.');
    return due.length;
  }

  /** Of all tenants, whatever their clocks show, until there is nothing left to do. */
  async runAll(): Promise<void> {
    const now = await clockOf(this.db.sql);
    await this.giveTurns(now);
    await bringTurnsForward(this.db.sql, now);
    while ((await this.run()) > 0);
  }

  async outlook(): Promise<Outlook[]> {
    const now = await clockOf(this.db.sql);
    await this.giveTurns(now);
    return outlookOf(this.db.sql, now);
  }

  private async giveTurns(now: Date): Promise<void> {
    const unknown = await tenantsWithoutTurn(this.db.sql);
    await insertTurns(
      this.db.sql,
      unknown.map(({ tenantId, timeZone }) => ({ tenantId, nextAt: nextNight(now, timeZone) })),
    );
  }

  private async turn(tenant: DueTenant, now: Date, until: number): Promise<void> {
    const { tenantId, timeZone, retentionDays } = tenant;
    const ended = await this.deleteOld(tenant, keptSince(retentionDays, now), until);
    // From where it broke off, with whatever else is due.
    if (!ended) return postponeTurn(this.db.sql, tenantId, now);
    await this.db.transaction(async (tx) => {
      const deleted = await endTurn(tx, tenantId, nextNight(now, timeZone));
      if (deleted.messages + deleted.inboundMessages === 0) return;
      await this.audit.record(tx, systemCaller(tenantId, 'retention'), {
        action: 'messages.deleted',
        subject: `tenant:${tenantId}`,
        detail: { ...deleted, retentionDays },
      });
    });
  }

  /** A day at a time, so that no more than a day's messages are ever counted one by one. False when the time was over before the end. */
  private async deleteOld({ tenantId, keptFrom }: DueTenant, quietSince: Date, until: number): Promise<boolean> {
    for (let from = keptFrom; ;) {
      const first = await firstKept(this.db.sql, tenantId, from);
      const acceptedBefore = first ? earlier(quietSince, new Date(midnightBefore(first.getTime()).getTime() + DAY_MS)) : quietSince;
      // A file may take some days to come.
      const began = from && new Date(from.getTime() - LONGEST_UPLOAD_MS);
      if (!(await this.lines.forget(tenantId, { from: began, to: acceptedBefore }, until))) return false;
      await moveKeptFrom(this.db.sql, tenantId, acceptedBefore);
      if (!(await this.deleteSent({ tenantId, acceptedBefore, quietSince }, until))) return false;
      if (acceptedBefore >= quietSince) break;
      from = acceptedBefore;
    }
    while ((await this.db.transaction((tx) => deleteInbound(tx, tenantId, quietSince, CHUNK))) === CHUNK)
      if (Date.now() > until) return false;
    return true;
  }

  private async deleteSent(scope: ExpiredScope, until: number): Promise<boolean> {
    for (let after: string | null = null; ;) {
      const ids: string[] = await this.db.transaction(async (tx) => {
        const ended = await lockEnded(tx, scope, after, CHUNK);
        const quiet = await quietOnes(tx, ended, scope.quietSince);
        if (quiet.length > 0) await deleteMessages(tx, scope.tenantId, quiet);
        return ended;
      });
      after = ids.at(-1) ?? null;
      if (ids.length < CHUNK) return true;
      if (Date.now() > until) return false;
    }
  }

  /** Webhooks that belong to no tenant. */
  private async deleteUnclaimed(now: Date, until: number): Promise<void> {
    const days = await longestRetention(this.db.sql);
    if (days === null) return;
    const before = keptSince(days, now);
    for (let after: string | null = null; ;) {
      const page: Awaited<ReturnType<typeof nextWebhooks>> = await nextWebhooks(this.db.sql, before, after, WEBHOOKS);
      await deleteWebhooks(
        this.db.sql,
        page.flatMap(({ id, isClaimed }) => (isClaimed ? [] : [id])),
      );
      after = page.at(-1)?.id ?? null;
      if (page.length < WEBHOOKS || Date.now() > until) return;
    }
  }
}
