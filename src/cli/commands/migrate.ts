import type { Command } from 'commander';
import { migrate } from '../../platform/database/migrate.js';
import { print, tell, withServers } from '../session.js';

export function migrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('bring the database schema up to date, and print the migrations that ran')
    .action(() =>
      withServers(async ({ DATABASE_URL }) => {
        const ran = await migrate(DATABASE_URL);
        for (const name of ran) print(name);
        tell(ran.length === 0 ? 'The schema was up to date.' : 'The schema is up to date.');
      }),
    );
}
