import type { Command } from 'commander';
import { Tenant } from '../../accounts/tenant.entity.js';
import type { Core } from '../../app/build-core.js';
import { KeyRotation } from '../../privacy/key-rotation.js';
import { print, tell, withCore } from '../session.js';

const rotationOf = ({ db, sealer, accounts }: Core): KeyRotation => new KeyRotation(db, sealer, accounts.audit);

async function rotate(core: Core): Promise<void> {
  const tenants = await core.db.emOfAllTenants().findAll(Tenant);
  const { resealed, unreadable } = await rotationOf(core).run(
    ({ table, resealed: count }) => tell(`${table}: ${count}`),
    tenants.map(({ id }) => id),
  );
  print(`${resealed} values encrypted again.`);
  if (unreadable === 0) return;
  print(`${unreadable} values are left under older keys: run it again, and see "heliograph keys status".`);
  process.exitCode = 1;
}

async function status(core: Core): Promise<void> {
  const found = await rotationOf(core).status();
  for (const { table, keyId, count, isNewest } of found) print(`${table.padEnd(20)} ${keyId} ${isNewest ? 'newest' : 'older '} ${count}`);
  const older = found.some(({ isNewest }) => !isNewest);
  tell(
    older
      ? 'Values are under older keys: leave those in ENCRYPTION_KEY, and run "heliograph keys rotate".'
      : 'All is under the newest key.',
  );
}

export function keysCommands(program: Command): void {
  const keys = program.command('keys').description('what encrypts the database (ENCRYPTION_KEY; for API keys see "key")');
  keys
    .command('rotate')
    .description('encrypt everything that an older key has encrypted with the first of ENCRYPTION_KEY')
    .addHelpText('after', '\nMay run while the service does, be broken off and begun again. The whole procedure is in docs/operations.md.')
    .action(() => withCore(rotate));
  keys
    .command('status')
    .description('how many values are under which key')
    .action(() => withCore(status));
}
