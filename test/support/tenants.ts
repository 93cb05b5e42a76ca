import type { Role } from '../../src/accounts/caller.js';
import { systemCaller } from '../../src/accounts/system-caller.js';
import type { Core } from '../../src/app/build-core.js';
import { Refusal } from '../../src/errors.js';
import { gql, type TestApi } from './gql.js';

/** One tenant, and a client for each of its roles. */
export type TestTenant = { id: string; slug: string } & Record<Lowercase<Role>, TestApi>;

/** Made through the services, as the command line does it. */
export async function tenantOf(accounts: Core['accounts'], slug: string, url: string): Promise<TestTenant> {
  const { tenants, apiKeys } = accounts;
  const { id } = await tenants.bySlug(slug).catch(async (error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    const tenant = await tenants.create('test', { slug, name: slug });
    // Of consent other tests have more to say; without it nothing could be sent.
    await tenants.update(systemCaller(tenant.id, 'test'), { impliedConsent: ['UTILITY'] });
    return tenant;
  });
  const clientAs = async (role: Role): Promise<TestApi> => {
    const { secret } = await apiKeys.create(systemCaller(id, 'test'), { name: `${slug} ${role.toLowerCase()}`, role });
    return gql(url, secret);
  };
  const [admin, operator, sender, viewer] = [clientAs('ADMIN'), clientAs('OPERATOR'), clientAs('SENDER'), clientAs('VIEWER')];
  return { id, slug, admin: await admin, operator: await operator, sender: await sender, viewer: await viewer };
}
