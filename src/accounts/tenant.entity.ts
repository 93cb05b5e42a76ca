import { defineEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../platform/database/tenant-filter.js';
import type { MessageCategory } from '../vocabulary.js';

export interface QuietHours {
  /** HH:MM in the person's time zone. `end` before `start` means over midnight. */
  start: string;
  end: string;
  categories: MessageCategory[];
}

export interface FrequencyCap {
  category: MessageCategory;
  max: number;
  perSeconds: number;
}

const TenantSchema = defineEntity({
  name: 'Tenant',
  tableName: 'tenants',
  filters: tenantFilter('id'),
  properties: {
    id: p.uuid().primary(),
    slug: p.text(),
    name: p.text(),
    timeZone: p.text().default('UTC'),
    /** ISO 3166 alpha-2, for numbers typed without a country code. */
    defaultCountry: p.text().nullable(),
    /** BCP 47, for people whose own is not known. */
    defaultLanguage: p.text().nullable(),
    /** ISO 4217 */
    currency: p.text().default('USD'),
    quietHours: p.json<QuietHours>().nullable(),
    messagingEnabled: p.boolean().default(true),
    retentionDays: p.integer().default(90),
    impliedConsent: p.array<MessageCategory>((value) => value as MessageCategory),
    /** Null: every country. */
    allowedCountries: p.array().nullable(),
    frequencyCaps: p.json<FrequencyCap[]>(),
    createdAt: p.datetime(3),
  },
});

export class Tenant extends TenantSchema.class {}
TenantSchema.setClass(Tenant);
