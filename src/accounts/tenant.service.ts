import { isDeepStrictEqual } from 'node:util';
import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { LRUCache } from 'lru-cache';
import { Refusal, UserErrorCode } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import { newId } from '../platform/ids.js';
import type { TenantEvents } from './account-events.js';
import type { TenantSetUp } from './account.ports.js';
import type { AuditLog } from './audit-log.js';
import type { Caller } from './caller.js';
import { systemCaller } from './system-caller.js';
import { Tenant } from './tenant.entity.js';
import { SLUG, normalised, problemsOf, problemsTogether, type TenantChanges, type TenantSettings } from './tenant-settings.js';

/** Settings are read for every message. */
const REMEMBER_MS = 2_000;

export class TenantService {
  private readonly known: LRUCache<string, TenantSettings>;

  constructor(
    private readonly db: Database,
    private readonly audit: AuditLog,
    private readonly events: TenantEvents,
    private readonly setUp: TenantSetUp = async () => undefined,
  ) {
    this.known = new LRUCache<string, TenantSettings>({ max: 10_000, ttl: REMEMBER_MS, fetchMethod: (tenantId) => this.read(tenantId) });
    events.onChanged((tenantId) => void this.known.delete(tenantId));
  }

  get(caller: Caller): Promise<Tenant> {
    return this.db.em(caller.tenantId).findOneOrFail(Tenant, caller.tenantId);
  }

  /** At most two seconds old. Not to be changed by whoever gets it. */
  async settings(tenantId: string): Promise<TenantSettings> {
    // What changes while it is being read is forgotten before it is known, and is read again.
    const known = await this.known.fetch(tenantId).catch(() => undefined);
    return known ?? this.read(tenantId);
  }

  /** Throws Refusal with every problem of the input. */
  async update(caller: Caller, input: TenantChanges): Promise<{ tenant: Tenant }> {
    const changes = normalised(input);
    const problems = problemsOf(input);
    const tenant = await this.db.em(caller.tenantId).transactional(async (em) => {
      const found = await em.findOneOrFail(Tenant, caller.tenantId, { lockMode: LockMode.PESSIMISTIC_WRITE });
      const changed = Object.entries(changes).filter(([name, value]) => !isDeepStrictEqual(found[name as keyof Tenant] ?? null, value));
      const { frequencyCaps, retentionDays } = changes;
      const together = { frequencyCaps: frequencyCaps ?? found.frequencyCaps, retentionDays: retentionDays ?? found.retentionDays };
      // What is wrong as a whole is no measure for anything else.
      const isWrong = problems.some(({ field }) => field.join('.') in together);
      const changedNames = changed.map(([name]) => name);
      const clashes = isWrong ? [] : problemsTogether(together, changedNames);
      if (problems.length + clashes.length > 0) throw new Refusal([...problems, ...clashes]);
      if (changed.length === 0) return found;
      const before = Object.fromEntries(changed.map(([name]) => [name, found[name as keyof Tenant] ?? null]));
      const after = Object.fromEntries(changed);
      em.assign(found, after);
      await this.audit.record(em.getKysely(), caller, {
        action: 'tenant.updated',
        subject: `tenant:${found.id}`,
        detail: { before, after },
      });
      return found;
    });
    this.events.publishChanged(tenant.id);
    return { tenant };
  }

  /** `by` stands in the audit log. Throws Refusal: a bad slug or name, or one that is taken. */
  async create(by: string, { slug, name }: { slug: string; name: string }): Promise<Tenant> {
    if (!SLUG.test(slug))
      throw new Refusal(
        UserErrorCode.INVALID_INPUT,
        'A slug has 1 to 63 lower-case letters, digits and hyphens, and does not start with a hyphen.',
        ['slug'],
      );
    const problems = problemsOf({ name });
    if (problems.length > 0) throw new Refusal(problems);
    try {
      return await this.db.emOfAllTenants().transactional(async (em) => {
        const tenant = em.create(Tenant, {
          id: newId(),
          slug,
          name: name.trim(),
          impliedConsent: [],
          frequencyCaps: [],
          createdAt: new Date(),
        });
        await em.flush();
        await this.audit.record(em.getKysely(), systemCaller(tenant.id, by), {
          action: 'tenant.created',
          subject: `tenant:${tenant.id}`,
          detail: { slug },
        });
        await this.setUp(em.getKysely(), tenant.id);
        return tenant;
      });
    } catch (error) {
      if (error instanceof UniqueConstraintViolationException)
        throw new Refusal(UserErrorCode.CONFLICT, 'There is a tenant with this slug already.', ['slug']);
      throw error;
    }
  }

  /** For the command line. Throws Refusal. */
  async bySlug(slug: string): Promise<Tenant> {
    const tenant = await this.db.emOfAllTenants().findOne(Tenant, { slug });
    if (!tenant) throw new Refusal(UserErrorCode.NOT_FOUND, `There is no tenant ${JSON.stringify(slug)}.`, ['tenant']);
    return tenant;
  }

  private async read(tenantId: string): Promise<TenantSettings> {
    const tenant = await this.db.em(tenantId).findOneOrFail(Tenant, tenantId);
    const { id, slug, name, timeZone, currency, messagingEnabled, retentionDays, impliedConsent, frequencyCaps } = tenant;
    const { defaultCountry = null, defaultLanguage = null, quietHours = null, allowedCountries = null } = tenant;
    return {
      id,
      slug,
      name,
      timeZone,
      currency,
      messagingEnabled,
      retentionDays,
      impliedConsent,
      frequencyCaps,
      defaultCountry,
      defaultLanguage,
      quietHours,
      allowedCountries,
    };
  }
}
