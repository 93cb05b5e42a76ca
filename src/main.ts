import { setFlagsFromString } from 'node:v8';
import { showAdminKey } from './app/admin-key.js';
import { banner } from './app/banner.js';
import { startServers } from './app/servers.js';
import { Shutdown } from './app/shutdown.js';
import { explainStartFault } from './app/start-fault.js';
import { type Config, readConfig } from './config.js';
import { createLogger } from './platform/logging/logger.js';

/** The embedded servers have nothing to wait for once the program has let go of them. */
const SERVERS_STOP_SECONDS = 10;

// By itself V8 lets garbage grow to several times what is alive before it looks for any: memory for nothing, and more of it the larger the machine.
setFlagsFromString('--heap-growing-percent=60');
const config = readValidConfig();
const log = createLogger({ level: config.LOG_LEVEL });
const shutdown = new Shutdown(log);
shutdown.listen();
try {
  await start();
} catch (error) {
  if (!shutdown.begun) {
    const explanation = explainStartFault(error);
    if (explanation) process.stderr.write(`${explanation}\n`);
    else log.fatal({ err: error }, 'Heliograph could not start');
  }
  await shutdown.end(1);
}

async function start(): Promise<void> {
  for (const warning of config.warnings) log.warn(warning);
  // To load the program takes as long as to start the servers: both at once.
  const [servers, { buildApp }] = await Promise.all([
    shutdown.own('The embedded servers', startServers(config, log), SERVERS_STOP_SECONDS),
    import('./app/build-app.js'),
  ]);
  const app = await shutdown.own('The program', buildApp(servers.config, log), config.DRAIN_SECONDS);
  const { url, tenant, apiKey } = await app.start();
  const adminKey = await showAdminKey(config, apiKey);
  if (url) process.stdout.write(banner({ url, tenant, adminKey, simulated: config.MESSAGING_MOCK_MODE }));
}

function readValidConfig(): Config {
  try {
    return readConfig();
  } catch (error) {
    process.stderr.write(`${explainStartFault(error) ?? String(error)}\n`);
    process.exit(1);
  }
}
