import { endAll } from './children.js';
import { printTable, writePage } from './page.js';
import { failed, type Result } from './result.js';
import { accept } from './rows/accept.js';
import { dispatch } from './rows/dispatch.js';
import { growth } from './rows/growth.js';
import { latency } from './rows/latency.js';
import { memory } from './rows/memory.js';
import { receipts } from './rows/receipts.js';
import { subscribers } from './rows/subscribers.js';
import { openStage, type Stage } from './stage.js';

type Row = (stage: Stage) => Promise<Result[]>;

/** With the seconds after which a row counts as failed. */
const ROWS: Record<string, [run: Row, seconds: number]> = {
  dispatch: [dispatch, 240],
  accept: [accept, 180],
  receipts: [receipts, 150],
  subscribers: [subscribers, 120],
  latency: [latency, 90],
  growth: [growth, 480],
  memory: [memory, 660],
};

async function within(row: Promise<Result[]>, seconds: number): Promise<Result[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not ready after ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([row, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function measure(stage: Stage, name: string): Promise<Result[]> {
  const [run, seconds] = ROWS[name] ?? [];
  if (!run || !seconds) return [];
  const began = Date.now();
  process.stderr.write(`${name} … `);
  try {
    return await within(run(stage), seconds);
  } catch (error) {
    console.error(error);
    return [failed(name, error instanceof Error ? error.message : String(error))];
  } finally {
    await stage.clear().catch((error: unknown) => console.error(error));
    process.stderr.write(`${Math.round((Date.now() - began) / 1000)} s\n`);
  }
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in ROWS));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}; there are ${Object.keys(ROWS).join(', ')}.`);
  process.exit(1);
}
// Of a row that was given up: what it still waits for is gone by then.
process.on('unhandledRejection', () => undefined);
process.on('uncaughtException', (error) => console.error(error));
const stage = await openStage();
const leave = (): void => void stage.stop().finally(() => process.exit(1));
process.once('SIGTERM', leave);
process.once('SIGINT', leave);
const results: Result[] = [];
for (const name of names.length > 0 ? names : Object.keys(ROWS)) results.push(...(await measure(stage, name)));
printTable(results);
if (names.length === 0) await writePage(stage, results);
await endAll();
await stage.stop();
process.exit(0);
