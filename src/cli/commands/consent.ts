import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { systemCaller } from '../../accounts/system-caller.js';
import { Tenant } from '../../accounts/tenant.entity.js';
import type { Core } from '../../app/build-core.js';
import { ConsentVerification } from '../../consent/consent-verification.js';
import { csvConsents } from '../../consent/http/csv-consents.js';
import { maskAddress } from '../../platform/masking.js';
import { readLines } from '../../platform/upload/line-reader.js';
import { refuseFile } from '../file-fault.js';
import { BY, print, tell, withCore } from '../session.js';

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

async function* partsOf(file: string): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* createReadStream(file);
  } catch (error) {
    refuseFile(error, file);
  }
}

async function importFile(core: Core, file: string, slug: string): Promise<void> {
  const { id } = await core.accounts.tenants.bySlug(slug);
  const lines = csvConsents(readLines(partsOf(file)));
  const imported = await core.people.imports.import(systemCaller(id, BY), {}, lines, ({ line, to, code, message }) =>
    print(`line ${line}, ${maskAddress(to)}: ${code} ${message}`),
  );
  const { total, recorded, unchanged, rejected } = imported;
  tell(`${slug}: ${total} lines, ${recorded} recorded, ${unchanged} known already, ${rejected} rejected.`);
  if (rejected > 0) process.exitCode = 1;
}

export function consentCommands(program: Command): void {
  const consent = program.command('consent').description('what people have agreed to');
  consent
    .command('import')
    .argument('<file>', 'CSV, in UTF-8, whose first line names the columns; see docs/consent.md')
    .requiredOption('--tenant <slug>', 'whose')
    .description('record what a file says that people have agreed to, and print every line that is rejected')
    .addHelpText('after', '\nEnds with 1 when lines are rejected. What is known already changes nothing: a file may be imported again.')
    .action((file: string, { tenant }: { tenant: string }) => withCore((core) => importFile(core, file, tenant)));
  consent
    .command('verify')
    .description('recompute the history of every consent, and name the first row that is not as it was written')
    .option('--tenant <slug>', 'whose; without it, of all tenants')
    .addHelpText('after', '\nEnds with 1 when a row is broken. May run while consents change.')
    .action(({ tenant }: { tenant?: string }) => withCore((core) => verify(core, tenant)));
}
