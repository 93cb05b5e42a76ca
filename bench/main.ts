import { dispatch } from './rows/dispatch.js';
import { openStage } from './stage.js';

const ROWS = { dispatch };

const asked = process.argv.slice(2).filter((name) => name in ROWS) as (keyof typeof ROWS)[];
const stage = await openStage();
process.once('SIGTERM', () => void stage.stop().finally(() => process.exit(1)));
try {
  for (const name of asked.length > 0 ? asked : (Object.keys(ROWS) as (keyof typeof ROWS)[]))
    for (const result of await ROWS[name](stage)) console.log(JSON.stringify(result));
} finally {
  await stage.stop();
}
