import { sql } from 'kysely';
import type { EntityManager } from '@mikro-orm/postgresql';
import { AdvisoryLock } from '../platform/database/advisory-locks.js';
import type { Database } from '../platform/database/database.js';
import { newId } from '../platform/ids.js';
import { MessageCategory } from '../vocabulary.js';
import { ApiKey } from './api-key.entity.js';
import type { TenantSetUp } from './account.ports.js';
import type { ApiKeyService } from './api-key.service.js';
import { hashOf, newSecret } from './api-key-secret.js';
import type { AuditLog } from './audit-log.js';
import { Role } from './caller.js';
import { systemCaller } from './system-caller.js';
import { Tenant } from './tenant.entity.js';

const SLUG = 'demo';
const BY = 'start';

/** The secret of the ADMIN key to have, or `generate`: make one, unless the tenant has an ADMIN key already. */
export type WantedKey = { secret: string } | { generate: true };

/**
 * Makes sure that the tenant `demo` and an ADMIN key of it exist; safe from any number of processes at once. A key that
 * was revoked stays revoked. `secret` is that of a key made now, and null otherwise.
 */
export async function bootstrap(
  { db, audit, apiKeys, setUp }: { db: Database; audit: AuditLog; apiKeys: ApiKeyService; setUp: TenantSetUp },
  wanted: WantedKey,
): Promise<{ tenantId: string; secret: string | null }> {
  return db.emOfAllTenants().transactional(async (em) => {
    await sql`select pg_advisory_xact_lock(${AdvisoryLock.BOOTSTRAP})`.execute(em.getKysely());
    const tenant = (await em.findOne(Tenant, { slug: SLUG })) ?? (await createTenant(em, audit, setUp));
    if (await isThere(em, tenant, wanted)) return { tenantId: tenant.id, secret: null };
    const secret = 'secret' in wanted ? wanted.secret : newSecret(SLUG);
    await apiKeys.add(em, systemCaller(tenant.id, BY), { name: 'First key', role: Role.ADMIN }, secret, SLUG);
    return { tenantId: tenant.id, secret };
  });
}

async function createTenant(em: EntityManager, audit: AuditLog, setUp: TenantSetUp): Promise<Tenant> {
  // Without it a newcomer's first message would be refused for want of consent.
  const impliedConsent = [MessageCategory.UTILITY];
  const tenant = em.create(Tenant, { id: newId(), slug: SLUG, name: 'Demo', impliedConsent, frequencyCaps: [], createdAt: new Date() });
  await em.flush();
  await audit.record(em.getKysely(), systemCaller(tenant.id, BY), {
    action: 'tenant.created',
    subject: `tenant:${tenant.id}`,
    detail: { slug: SLUG },
  });
  await setUp(em.getKysely(), tenant.id);
  return tenant;
}

async function isThere(em: EntityManager, tenant: Tenant, wanted: WantedKey): Promise<boolean> {
  if ('secret' in wanted) return (await em.count(ApiKey, { secretHash: hashOf(wanted.secret) })) > 0;
  return (await em.count(ApiKey, { tenantId: tenant.id, role: Role.ADMIN })) > 0;
}
