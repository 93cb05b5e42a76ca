import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { format, resolveConfig } from 'prettier';
import type { Result } from './result.js';
import type { Stage } from './stage.js';

const PAGE = 'docs/performance.md';
const [BEGIN, END] = ['<!-- measured: written by npm run bench -->', '<!-- end of what was measured -->'];
const HEADS = ['what', 'Heliograph', 'reference', 'ratio', 'target', 'met'];

const cellsOf = ({ what, heliograph, reference, ratio, target, met }: Result): string[] => [
  what,
  heliograph,
  reference,
  ratio === null ? '' : `${ratio.toFixed(2)} ×`,
  target,
  met === null ? '' : met ? 'yes' : '**no**',
];

const markdownOf = (rows: string[][]): string =>
  [HEADS, HEADS.map(() => '---'), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');

export function printTable(results: readonly Result[]): void {
  const rows = [HEADS, ...results.map(cellsOf)];
  const widths = HEADS.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  console.log(rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n'));
}

/** Replaces what stands between the markers of docs/performance.md. */
export async function writePage(stage: Stage, results: readonly Result[]): Promise<void> {
  const measured = `${BEGIN}\n\n${await machine(stage)}\n\n${markdownOf(results.map(cellsOf))}\n\n${END}`;
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : `# Performance\n\n${BEGIN}\n${END}\n`;
  const text = page.slice(0, page.indexOf(BEGIN)) + measured + page.slice(page.indexOf(END) + END.length);
  writeFileSync(PAGE, await format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' }));
}

async function machine({ databaseUrl, redisUrl }: Stage): Promise<string> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  const redis = new Redis(redisUrl);
  const info = await redis.info('server');
  redis.disconnect();
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
  const version = /^redis_version:(\S+)/m.exec(info)?.[1];
  const cpus = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const system = await readFile('/etc/os-release', 'utf8').then(
    (text) => /^PRETTY_NAME="(.*)"$/m.exec(text)?.[1],
    () => undefined,
  );
  return [
    `- Measured on ${new Date().toISOString().slice(0, 10)}; everything, load and servers included, ran on one machine.`,
    `- ${cpus.length} × ${cpus[0]?.model.trim() ?? 'CPU'}, ${memory} GB, ${system ?? os.type()} (${os.type()} ${/^\d+\.\d+/.exec(os.release())?.[0] ?? ''}, ${os.arch()})`,
    `- Node ${process.versions.node}, PostgreSQL ${rows[0]?.server_version ?? ''} (durable: commits wait for the disk), ${valkey ? `Valkey ${valkey}` : `Redis ${version ?? ''}`}`,
  ].join('\n');
}
