import type { Command } from 'commander';
import { print, tell, withCore } from '../session.js';

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

export function retentionCommand(program: Command): void {
  program
    .command('retention')
    .description('what tenants keep for how long (retentionDays), and how much of it is too old')
    .option('--run', "delete it now; without it, that is done from 02:00 of the tenant's time on", false)
    .action(({ run }: { run: boolean }) =>
      withCore(async ({ retention }) => {
        if (run) await retention.runAll();
        for (const { slug, retentionDays, keptSince, messages, nextAt } of await retention.outlook()) {
          print(`${slug}: keeps ${retentionDays} days; messages older than ${dayOf(keptSince)}: ${messages}`);
          if (messages > 0) tell(`${slug}: next turn ${nextAt.toISOString()}; what still waits, or was heard of since, stays longer.`);
        }
      }),
    );
}
