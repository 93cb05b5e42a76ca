import { Command } from 'commander';
import { consentCommands } from './commands/consent.js';
import { contactCommands } from './commands/contact.js';
import { jobCommands } from './commands/job.js';
import { keyCommands } from './commands/key.js';
import { keysCommands } from './commands/keys.js';
import { migrateCommand } from './commands/migrate.js';
import { retentionCommand } from './commands/retention.js';
import { sendCommand } from './commands/send.js';
import { simulatorCommand } from './commands/simulator.js';
import { statisticsCommands } from './commands/statistics.js';
import { storageCommand } from './commands/storage.js';
import { templateCommands } from './commands/template.js';
import { tenantCommands } from './commands/tenant.js';
import { outliveOutput } from './session.js';

const program = new Command('heliograph')
  .description('Works on the database of the settings (see .env.example), also while the server runs.')
  .showHelpAfterError('(add --help for how to use it)');

for (const add of [
  tenantCommands,
  keyCommands,
  keysCommands,
  sendCommand,
  jobCommands,
  statisticsCommands,
  consentCommands,
  contactCommands,
  templateCommands,
  migrateCommand,
  retentionCommand,
  simulatorCommand,
  storageCommand,
])
  add(program);

outliveOutput();
await program.parseAsync();
