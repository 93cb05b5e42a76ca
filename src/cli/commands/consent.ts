import type { Command } from 'commander';
import { Tenant } from '../../accounts/tenant.entity.js';
import type { Core } from '../../app/build-core.js';
import { ConsentVerification } from '../../consent/consent-verification.js';
import { print, tell, withCore } from '../session.js';

const tenantsOf = ({ accounts, db }: Core, slug: string | undefined): Promise<Tenant[]> =>
  slug === undefined
    ? db.emOfAllTenants().findAll(Tenant, { orderBy: { slug: 'asc' } })
    : accounts.tenants.bySlug(slug).then((one) => [one]);

async function verify(core: Core, slug: string | undefined): Promise<void> {
  const verification = new ConsentVerification(core.db, core.sealer);
  for (const tenant of await tenantsOf(core, slug)) {
    const { events, contacts, broken } = await verification.run(tenant.id);
    tell(`${tenant.slug}: ${events} events of ${contacts} contacts recomputed.`);
    if (broken === null) continue;
    print(`${tenant.slug}: ${broken}`);
    process.exitCode = 1;
  }
}

export function consentCommands(program: Command): void {
  const consent = program.command('consent').description('what people have agreed to');
  consent
    .command('verify')
    .description('recompute the history of every consent, and name the first row that is not as it was written')
    .option('--tenant <slug>', 'whose; without it, of all tenants')
    .addHelpText('after', '\nEnds with 1 when a row is broken. May run while consents change.')
    .action(({ tenant }: { tenant?: string }) => withCore((core) => verify(core, tenant)));
}
