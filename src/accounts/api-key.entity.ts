import { defineEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../platform/database/tenant-filter.js';
import { Role } from './caller.js';

const ApiKeySchema = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  filters: tenantFilter('tenantId'),
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    name: p.text(),
    role: p.enum(() => Role),
    /** The secret's first characters: enough to tell keys apart, too few to guess one. */
    prefix: p.text(),
    /** SHA-256. Enough, because secrets are random and long. */
    secretHash: p.blob(),
    createdAt: p.datetime(3),
    lastUsedAt: p.datetime(3).nullable(),
    expiresAt: p.datetime(3).nullable(),
    revokedAt: p.datetime(3).nullable(),
  },
});

export class ApiKey extends ApiKeySchema.class {}
ApiKeySchema.setClass(ApiKey);
