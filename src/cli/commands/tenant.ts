import type { Command } from 'commander';
import { BY, print, tell, withAccounts } from '../session.js';

export function tenantCommands(program: Command): void {
  const tenant = program.command('tenant').description('organisations that use this server');
  tenant
    .command('create')
    .argument('<slug>', 'short name: lower-case letters, digits and hyphens')
    .requiredOption('--name <name>', 'name for people')
    .description('make a tenant, and print its id')
    .action((slug: string, { name }: { name: string }) =>
      withAccounts(async ({ tenants }) => {
        const { id } = await tenants.create(BY, { slug, name });
        tell(`The tenant ${slug} is there. Give it a key: heliograph key create --tenant ${slug} --name <name> --role ADMIN`);
        print(id);
      }),
    );
}
