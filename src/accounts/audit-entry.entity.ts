import { defineEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../platform/database/tenant-filter.js';

const AuditEntrySchema = defineEntity({
  name: 'AuditEntry',
  tableName: 'audit_entries',
  filters: tenantFilter('tenantId'),
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    at: p.datetime(3),
    /** The key's name. */
    actor: p.text(),
    /** What was done: "apiKey.created". */
    action: p.text(),
    /** To what: "apiKey:0198…". */
    subject: p.text(),
    detail: p.json<Record<string, unknown>>(),
    ip: p.text().nullable(),
    userAgent: p.text().nullable(),
  },
});

export class AuditEntry extends AuditEntrySchema.class {}
AuditEntrySchema.setClass(AuditEntry);
