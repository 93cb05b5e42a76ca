import { once } from 'node:events';
import { InvalidArgumentError, type Command } from 'commander';
import { simulatorSecrets } from '../../app/build-providers.js';
import { readConfig } from '../../config.js';
import { startSimulatorServer } from '../../delivery/providers/simulator/simulator-server.js';
import { Refusal } from '../../errors.js';
import { explained, tell } from '../session.js';

interface Address {
  port: number;
  host: string;
}

const portOf = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('A whole number from 0 to 65535.');
  return port;
};

const KEYLESS = 'Set ENCRYPTION_KEY as for the workers: what they and the simulator tell each other is signed with a key made from it.';

/** By itself such an error would be told with the settings of the whole program, which change nothing here. */
function refuseAddress(error: unknown, { port, host }: Address): never {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') throw error;
  throw new Refusal(
    'INVALID_INPUT',
    `The simulator cannot listen on port ${port} of ${host} (${code}): name others with --port and --host.`,
  );
}

const serve = (address: Address): Promise<void> =>
  explained(async (log) => {
    const { ENCRYPTION_KEY, SIMULATOR_SPEED: speed } = readConfig();
    if (!ENCRYPTION_KEY) throw new Refusal('INVALID_INPUT', KEYLESS);
    const ended = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    const simulator = await startSimulatorServer({ ...address, speed, ...simulatorSecrets(ENCRYPTION_KEY), log }).catch((error: unknown) =>
      refuseAddress(error, address),
    );
    tell(`The simulator is ready on ${simulator.url}`);
    await ended;
    await simulator.stop();
  });

export function simulatorCommand(program: Command): void {
  program
    .command('simulator')
    .description('run the simulator by itself, for several workers that share it by SIMULATOR_URL')
    .option('--port <port>', 'where it listens', portOf, 4010)
    .option('--host <address>', '0.0.0.0 for all, which a container needs', '127.0.0.1')
    .action(serve);
}
