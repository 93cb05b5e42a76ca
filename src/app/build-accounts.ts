import type { Logger } from 'pino';
import { AccountEvents } from '../accounts/account-events.js';
import { ApiKey } from '../accounts/api-key.entity.js';
import { ApiKeyService } from '../accounts/api-key.service.js';
import { AuditEntry } from '../accounts/audit-entry.entity.js';
import { AuditLog } from '../accounts/audit-log.js';
import { Authenticator } from '../accounts/authenticator.js';
import { AccountResolver } from '../accounts/graphql/account.resolver.js';
import { AuditResolver } from '../accounts/graphql/audit.resolver.js';
import { KeyUsage } from '../accounts/key-usage.js';
import { Tenant } from '../accounts/tenant.entity.js';
import { TenantService } from '../accounts/tenant.service.js';
import { installLibrary } from '../templates/library-install.js';
import type { Database } from '../platform/database/database.js';
import type { EventBus } from '../platform/pubsub/event-bus.js';

/** Rows that are read through the ORM. */
export const ENTITIES = [Tenant, ApiKey, AuditEntry];

export interface Accounts {
  events: AccountEvents;
  audit: AuditLog;
  apiKeys: ApiKeyService;
  tenants: TenantService;
  authenticator: Authenticator;
  resolvers: Map<unknown, object>;
  /** Writes what is still pending. */
  close(): Promise<void>;
}

/** Without a bus other processes learn of revoked keys and changed settings when they next read them: within seconds. */
export async function buildAccounts({ db, bus, log }: { db: Database; bus: EventBus | null; log: Logger }): Promise<Accounts> {
  const events = new AccountEvents(bus);
  const stopListening = await events.listen();
  const audit = new AuditLog(db);
  const usage = new KeyUsage(db, log);
  const apiKeys = new ApiKeyService(db, audit, events);
  const tenants = new TenantService(db, audit, events, installLibrary);
  const resolvers = [new AccountResolver(tenants, apiKeys), new AuditResolver(audit)];
  return {
    events,
    audit,
    apiKeys,
    tenants,
    authenticator: new Authenticator(db, usage, events),
    resolvers: new Map(resolvers.map((resolver) => [resolver.constructor, resolver])),
    close: async () => {
      await stopListening();
      await usage.flush();
    },
  };
}
