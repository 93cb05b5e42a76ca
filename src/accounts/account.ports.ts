import type { Kysely } from 'kysely';

/** What a new tenant begins with; in the transaction that makes it. */
export type TenantSetUp = (tx: Kysely<unknown>, tenantId: string) => Promise<unknown>;
