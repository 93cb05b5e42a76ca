import type { Kysely } from 'kysely';
import type { Database } from '../platform/database/database.js';
import { toJsonb } from '../platform/database/jsonb.js';
import { newId } from '../platform/ids.js';
import { AuditEntry } from './audit-entry.entity.js';
import type { Caller } from './caller.js';

export interface AuditedAct {
  /** "<thing>.<what was done to it>": "apiKey.created", "batch.paused". */
  action: string;
  /** "<thing>:<id>" */
  subject: string;
  /** Never personal data: the audit log is kept for ever. */
  detail?: Record<string, unknown>;
}

export interface AuditFilter {
  actor?: string | null;
  action?: string | null;
  subject?: string | null;
}

interface AuditTables {
  audit_entries: Record<'id' | 'tenant_id' | 'actor' | 'action' | 'subject' | 'detail', string> &
    Record<'ip' | 'user_agent', string | null>;
}

/** Who did what to the settings and the access of a tenant. The database refuses to change or delete an entry. */
export class AuditLog {
  constructor(private readonly db: Database) {}

  /** To be called in the transaction of the act itself, so that neither exists without the other. */
  async record<T>(transaction: Kysely<T>, caller: Caller, act: AuditedAct): Promise<void> {
    await (transaction as unknown as Kysely<AuditTables>)
      .insertInto('audit_entries')
      .values({
        id: newId(),
        tenant_id: caller.tenantId,
        actor: caller.name,
        action: act.action,
        subject: act.subject,
        detail: toJsonb(act.detail ?? {}),
        ip: caller.ip,
        user_agent: caller.userAgent,
      })
      .execute();
  }

  /** Newest first; one row more than `limit` where there are more. */
  async list(
    caller: Caller,
    { actor, action, subject }: AuditFilter,
    page: { limit: number; after: string | null },
  ): Promise<AuditEntry[]> {
    const wanted = Object.entries({ actor, action, subject }).filter(([, value]) => value !== null && value !== undefined);
    return this.db
      .em(caller.tenantId)
      .find(
        AuditEntry,
        { ...Object.fromEntries(wanted), ...(page.after ? { id: { $lt: page.after } } : {}) },
        { orderBy: { id: 'desc' }, limit: page.limit + 1 },
      );
  }
}
