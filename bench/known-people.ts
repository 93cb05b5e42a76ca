import type { Pool } from 'pg';
import type { Core } from '../src/app/build-core.js';
import { newId } from '../src/platform/ids.js';
import { numberOf } from './stage.js';

/** Contacts who have granted MARKETING by SMS, known by the first `count` numbers. */
export async function knownPeople(pool: Pool, { sealer, index }: Core, tenantId: string, count: number): Promise<void> {
  const people = Array.from({ length: count }, (_, n) => ({ id: newId(), number: numberOf(n) }));
  const ids = people.map(({ id }) => id);
  await pool.query(
    `insert into contacts (id, tenant_id, language, time_zone) select id, $1, 'en', 'America/New_York' from unnest($2::uuid[]) id`,
    [tenantId, ids],
  );
  await pool.query(
    `insert into contact_identities (id, tenant_id, contact_id, channel, address_hash, sealed)
     select gen_random_uuid(), $1, id, 'SMS', hash, sealed from unnest($2::uuid[], $3::bytea[], $4::bytea[]) as u(id, hash, sealed)`,
    [
      tenantId,
      ids,
      people.map(({ number }) => index.hash(tenantId, number)),
      people.map(({ number }) => sealer.seal({ address: number }, tenantId)),
    ],
  );
  await pool.query(
    `insert into consents (contact_id, tenant_id, channel, category, state, source, updated_at)
     select id, $1, 'SMS', 'MARKETING', 'GRANTED', 'API', now() from unnest($2::uuid[]) id`,
    [tenantId, ids],
  );
  await pool.query('vacuum analyze contacts, contact_identities, consents');
}
