import { TENANT_FILTER } from './database.js';

interface TenantFilter {
  name: string;
  default: true;
  args: true;
  cond: (args: Record<string, unknown>) => Record<string, unknown>;
}

/**
 * The `filters` of an entity that belongs to a tenant. `column` is the property that holds the tenant's id. Reading such
 * an entity through an EntityManager that was told no tenant fails.
 */
export const tenantFilter = (column: string): Record<string, TenantFilter> => ({
  [TENANT_FILTER]: {
    name: TENANT_FILTER,
    // Without it the filter would have to be asked for in every query.
    default: true,
    args: true,
    cond: ({ tenantId }) => (tenantId === null ? {} : { [column]: tenantId }),
  },
});
