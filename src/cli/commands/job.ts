import { Argument, type Command } from 'commander';
import { schedule } from '../../app/schedule.js';
import type { ScheduledWork } from '../../app/schedule.js';
import { print, withCore } from '../session.js';

/** The names without the work behind them. */
const JOBS = schedule({} as ScheduledWork);

export function jobCommands(program: Command): void {
  program
    .command('job')
    .description('what happens by the clock')
    .command('run')
    .addArgument(new Argument('<name>', 'which').choices(JOBS.map(({ name }) => name)))
    .description('run a job now, once')
    .addHelpText('after', `\nJobs:\n${JOBS.map(({ name, purpose }) => `  ${name.padEnd(18)} ${purpose}`).join('\n')}`)
    .action((asked: string) =>
      withCore(async (core) => {
        const result = await schedule(core)
          .find(({ name }) => name === asked)
          ?.run();
        print(`${asked}: done${result === undefined ? '' : ` ${JSON.stringify(result)}`}`);
      }),
    );
}
