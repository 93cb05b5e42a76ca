import type { Command } from 'commander';
import { systemCaller } from '../../accounts/system-caller.js';
import type { Core } from '../../app/build-core.js';
import type { ContactRef } from '../../contacts/contact.service.js';
import { Refusal } from '../../errors.js';
import { BY, tell, withCore } from '../session.js';

const INCOMPLETE = new Refusal('INVALID_INPUT', 'The document is not complete: the rest could not be written.');

type ExportOptions = ContactRef & { tenant: string };

/** Breaks off where other commands would go on: what cannot be written is all that is asked for. */
const write = (text: string): Promise<void> =>
  new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(INCOMPLETE) : resolve())));

/** Written as it is read, so that a history of any length fits. */
async function exportContact(core: Core, { tenant: slug, ...ref }: ExportOptions): Promise<void> {
  const tenant = await core.accounts.tenants.bySlug(slug);
  const parts = await core.exporting.parts(systemCaller(tenant.id, BY), ref);
  await write(`{"exportedAt":${JSON.stringify(new Date())}`);
  let open: string | null = null;
  let written = 0;
  let records = 0;
  for await (const { section, rows } of parts) {
    records += rows.length;
    if (section === 'contact') {
      await write(`,\n"contact":${JSON.stringify(rows[0])}`);
      continue;
    }
    if (section !== open) {
      await write(`${open === null ? '' : ']'},\n"${section}":[`);
      written = 0;
    }
    open = section;
    for (const row of rows) await write(`${written++ === 0 ? '' : ','}\n${JSON.stringify(row)}`);
  }
  await write(`${open === null ? '' : ']'}}\n`);
  tell(`${records} records written.`);
}

export function contactCommands(program: Command): void {
  program
    .command('contact')
    .description('people')
    .command('export')
    .requiredOption('--tenant <slug>', 'whose contact')
    .option('--id <id>', 'of the contact')
    .option('--external-id <id>', "the id in the tenant's own system")
    .option('--phone <number>', 'a number of the contact, or one that no contact has')
    .option('--email <address>', 'an email address of the contact, or one that no contact has')
    .description('write everything that is held of a person as one JSON document')
    .addHelpText('after', '\nName the person by exactly one of --id, --external-id, --phone and --email. Stands in the audit log.')
    .action((options: ExportOptions) => withCore((core) => exportContact(core, options)));
}
