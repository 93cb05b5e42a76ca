import type { Command } from 'commander';
import { Tenant } from '../../accounts/tenant.entity.js';
import type { Core } from '../../app/build-core.js';
import { describeDifference, type Difference } from '../../statistics/difference.js';
import { Verification } from '../../statistics/verification.js';
import { print, tell, withCore } from '../session.js';

interface VerifyOptions {
  tenant?: string;
  repair: boolean;
}

const tenantsOf = ({ accounts, db }: Core, slug: string | undefined): Promise<Tenant[]> =>
  slug === undefined
    ? db.emOfAllTenants().findAll(Tenant, { orderBy: { slug: 'asc' } })
    : accounts.tenants.bySlug(slug).then((one) => [one]);

async function verify(core: Core, { tenant: slug, repair }: VerifyOptions): Promise<void> {
  const verification = new Verification(core.db);
  for (const tenant of await tenantsOf(core, slug)) {
    let left = 0;
    const found = (difference: Difference): void => {
      print(`${tenant.slug}: ${describeDifference(difference)}`);
      if (!repair || difference.of !== 'figures') left++;
    };
    const { messages, differences } = await verification.run(tenant, { repair, found });
    const repaired = differences - left;
    tell(`${tenant.slug}: ${messages} messages recounted, ${differences} differences${repaired > 0 ? `, ${repaired} repaired` : ''}.`);
    if (left > 0) process.exitCode = 1;
  }
}

export function statisticsCommands(program: Command): void {
  program
    .command('statistics')
    .description('figures of what was sent')
    .command('verify')
    .description('count all messages again, compare with the statistics and with the events, and print every difference')
    .option('--tenant <slug>', 'whose; without it, of all tenants')
    .option('--repair', 'correct the statistics', false)
    .addHelpText(
      'after',
      `
The figures are counted from the messages; each message's status, time of delivery, error, attempts and provider are compared with its events.
Ends with 1 when differences are left. May run while messages are sent. Goes back as far as the tenant keeps messages
(retentionDays): do not repair soon after that was made longer, because the messages of before are gone all the same.`,
    )
    .action((options: VerifyOptions) => withCore((core) => verify(core, options)));
}
