import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Refusal, UserErrorCode, type UserError } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import { isUuid, newId } from '../platform/ids.js';
import type { KeyEvents } from './account-events.js';
import { ApiKey } from './api-key.entity.js';
import { hashOf, newSecret, prefixOf } from './api-key-secret.js';
import type { AuditLog } from './audit-log.js';
import { Role, type Caller } from './caller.js';
import { Tenant } from './tenant.entity.js';

export interface NewApiKey {
  name: string;
  role: Role;
  expiresAt?: Date | null;
}

const LONGEST_NAME = 100;

function problemsOf({ name, expiresAt }: NewApiKey): UserError[] {
  const problems: UserError[] = [];
  const length = name.trim().length;
  if (length < 1 || length > LONGEST_NAME)
    problems.push({
      code: UserErrorCode.INVALID_INPUT,
      message: `A key needs a name of 1 to ${LONGEST_NAME} characters.`,
      field: ['name'],
    });
  if (expiresAt && expiresAt <= new Date())
    problems.push({ code: UserErrorCode.INVALID_INPUT, message: 'expiresAt must lie in the future.', field: ['expiresAt'] });
  return problems;
}

export class ApiKeyService {
  constructor(
    private readonly db: Database,
    private readonly audit: AuditLog,
    private readonly events: KeyEvents,
  ) {}

  /** Oldest first, the revoked ones too. */
  list(caller: Caller): Promise<ApiKey[]> {
    return this.db.em(caller.tenantId).find(ApiKey, {}, { orderBy: { id: 'asc' } });
  }

  /** The secret is returned this once; only its hash is kept. */
  async create(caller: Caller, input: NewApiKey): Promise<{ apiKey: ApiKey; secret: string }> {
    const problems = problemsOf(input);
    if (problems.length > 0) throw new Refusal(problems);
    return this.db.em(caller.tenantId).transactional(async (em) => {
      const { slug } = await em.findOneOrFail(Tenant, caller.tenantId);
      const secret = newSecret(slug);
      const apiKey = await this.add(em, caller, { ...input, name: input.name.trim() }, secret, slug);
      return { apiKey, secret };
    });
  }

  /** For a secret that was chosen elsewhere; the caller of this opens the transaction. */
  async add(em: EntityManager, caller: Caller, { name, role, expiresAt }: NewApiKey, secret: string, slug: string): Promise<ApiKey> {
    const apiKey = em.create(ApiKey, {
      id: newId(),
      tenantId: caller.tenantId,
      name,
      role,
      prefix: prefixOf(secret, slug),
      secretHash: hashOf(secret),
      createdAt: new Date(),
      expiresAt: expiresAt ?? null,
    });
    const { id, prefix } = apiKey;
    await this.audit.record(em.getKysely(), caller, {
      action: 'apiKey.created',
      subject: `apiKey:${id}`,
      detail: { name, role, prefix, expiresAt: expiresAt?.toISOString() ?? null },
    });
    return apiKey;
  }

  /** Requests and sockets with it are refused within seconds. Revoking twice changes nothing. */
  async revoke(caller: Caller, id: string): Promise<{ apiKey: ApiKey }> {
    const apiKey = await this.db.em(caller.tenantId).transactional(async (em) => {
      // Two administrators who revoke each other's key at the same time must not both succeed.
      await em.findOneOrFail(Tenant, caller.tenantId, { lockMode: LockMode.PESSIMISTIC_WRITE });
      const key = isUuid(id) ? await em.findOne(ApiKey, { id }) : null;
      if (!key) throw new Refusal(UserErrorCode.NOT_FOUND, 'There is no such key.', ['id']);
      if (key.revokedAt) return key;
      if (key.role === Role.ADMIN && !(await this.hasOtherAdmin(em, key)))
        throw new Refusal(UserErrorCode.CONFLICT, 'This is the last ADMIN key: create another one first, or nobody could get in again.', [
          'id',
        ]);
      key.revokedAt = new Date();
      await this.audit.record(em.getKysely(), caller, {
        action: 'apiKey.revoked',
        subject: `apiKey:${id}`,
        detail: { name: key.name, prefix: key.prefix },
      });
      return key;
    });
    this.events.publishRevoked(apiKey.id);
    return { apiKey };
  }

  /** Of any tenant, by id, by the beginning that is shown, or by a secret that has leaked: for the command line. */
  matching(text: string): Promise<ApiKey[]> {
    const wanted = isUuid(text) ? { id: text } : { $or: [{ prefix: text }, { secretHash: hashOf(text) }] };
    return this.db.emOfAllTenants().find(ApiKey, wanted, { orderBy: { id: 'asc' } });
  }

  private async hasOtherAdmin(em: EntityManager, { id }: ApiKey): Promise<boolean> {
    const others = await em.count(ApiKey, {
      id: { $ne: id },
      role: Role.ADMIN,
      revokedAt: null,
      $or: [{ expiresAt: null }, { expiresAt: { $gt: new Date() } }],
    });
    return others > 0;
  }
}
