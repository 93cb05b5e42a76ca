import type { Command } from 'commander';
import { storedParts, type StoredPart } from '../../platform/database/storage.queries.js';
import { print, withCore } from '../session.js';

const MB = 1024 * 1024;

const sum = (parts: readonly StoredPart[], of: 'rows' | 'bytes'): number => parts.reduce((total, part) => total + part[of], 0);

/** Of what is on disk, what goes with one message: its row, events and receipts, and their indexes. */
const perMessage = (parts: readonly StoredPart[]): number => {
  const messages = sum(
    parts.filter(({ table }) => table === 'messages'),
    'rows',
  );
  return messages === 0 ? 0 : Math.round(sum(parts, 'bytes') / messages);
};

export function storageCommand(program: Command): void {
  program
    .command('storage')
    .description('what messages, events and webhooks take on disk, by month and by message')
    .action(() =>
      withCore(async ({ db }) => {
        const parts = await storedParts(db.sql);
        for (const { part, rows, bytes } of parts)
          print(`${part.padEnd(28)} ${(bytes / MB).toFixed(1).padStart(10)} MB  about ${rows} rows`);
        print(`A message takes about ${perMessage(parts)} bytes.`);
      }),
    );
}
