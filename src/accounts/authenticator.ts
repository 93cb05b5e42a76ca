import { LRUCache } from 'lru-cache';
import type { Database } from '../platform/database/database.js';
import type { KeyEvents } from './account-events.js';
import { ApiKey } from './api-key.entity.js';
import { hashOf } from './api-key-secret.js';
import type { Caller, Role } from './caller.js';
import type { KeyUsage } from './key-usage.js';

/** How long a revocation that was not heard of can go unnoticed. */
const REMEMBER_MS = 5_000;

interface KnownKey {
  id: string;
  tenantId: string;
  name: string;
  role: Role;
  expiresAt: Date | null;
}

/** Tells who holds a key. Keys in use are remembered for seconds, so that a request costs no query. */
export class Authenticator {
  private readonly known: LRUCache<string, KnownKey>;
  /** Ids. Not taken out of `known` instead: what is being read just then would come to be known a moment later. */
  private readonly revoked = new LRUCache<string, true>({ max: 10_000 });

  constructor(
    private readonly db: Database,
    private readonly usage: KeyUsage,
    events: KeyEvents,
  ) {
    // Unknown secrets are not remembered: a key must work in the moment it is made.
    this.known = new LRUCache<string, KnownKey>({ max: 10_000, ttl: REMEMBER_MS, fetchMethod: (hash) => this.read(hash) });
    events.onRevoked((keyId) => void this.revoked.set(keyId, true));
  }

  /** Null when the key is unknown, expired or revoked. */
  async authenticate(secret: string, origin: Pick<Caller, 'ip' | 'userAgent'>): Promise<Caller | null> {
    const key = await this.known.fetch(hashOf(secret).toString('base64'));
    if (!key || this.revoked.has(key.id) || (key.expiresAt && key.expiresAt <= new Date())) return null;
    this.usage.note(key.id);
    return { tenantId: key.tenantId, role: key.role, name: key.name, keyId: key.id, ip: origin.ip, userAgent: origin.userAgent };
  }

  /** Which of these keys, whose sockets are open, have been revoked or have expired. The others are in use: on a socket nobody signs in again. */
  async endedOfOpen(keyIds: string[]): Promise<string[]> {
    const ended = await this.db
      .emOfAllTenants()
      .find(ApiKey, { id: { $in: keyIds }, $or: [{ revokedAt: { $ne: null } }, { expiresAt: { $lte: new Date() } }] }, { fields: ['id'] });
    const endedIds = new Set(ended.map(({ id }) => id));
    for (const id of keyIds) if (!endedIds.has(id)) this.usage.note(id);
    return [...endedIds];
  }

  private async read(hash: string): Promise<KnownKey | undefined> {
    const key = await this.db.emOfAllTenants().findOne(ApiKey, { secretHash: Buffer.from(hash, 'base64'), revokedAt: null });
    if (!key) return undefined;
    return { id: key.id, tenantId: key.tenantId, name: key.name, role: key.role, expiresAt: key.expiresAt ?? null };
  }
}
