import { sql, type Transaction } from 'kysely';
import type { HeldMessages, Withdrawal } from '../consent/consent.ports.js';
import { applyChanges, type Change } from './message-changes.js';
import type { MessageNews } from './message-fact.js';
import type { MessagePublisher } from './message.ports.js';
import { messageColumns, type MessageRow } from './message.row.js';

const CHUNK = 2_000;

/** Takes back what has not gone out to somebody who objects, that of paused batches too. */
export class WaitingMessages implements HeldMessages {
  constructor(private readonly publisher: MessagePublisher) {}

  async suppress(tx: Transaction<unknown>, withdrawal: Withdrawal): Promise<() => void> {
    const news: MessageNews[] = [];
    for (let taken = CHUNK; taken === CHUNK;) {
      const rows = await lockWaiting(tx, withdrawal);
      taken = rows.length;
      const changes = rows.map((row) => suppressed(row, withdrawal));
      news.push(...(await applyChanges(tx, changes)).news);
    }
    return () => this.publisher.publish(news);
  }
}

/** Never waits for a row: a claim that holds one waits for the address's place, and then sees the withdrawal itself. */
export async function lockWaiting(tx: Transaction<unknown>, withdrawal: Withdrawal): Promise<MessageRow[]> {
  const { tenantId, addressHashes, channels, categories } = withdrawal;
  const { rows } = await sql<MessageRow>`
    select ${messageColumns} from messages m
    where m.tenant_id = ${tenantId} and m.to_hash = any(${addressHashes}::bytea[]) and m.channel = any(${channels}::text[])
      and m.status in ('SCHEDULED', 'QUEUED') and m.confirms_opt_out is not true and (${categories}::text[] is null or m.category = any(${categories}::text[]))
    limit ${CHUNK} for update of m skip locked`.execute(tx);
  return rows;
}

const suppressed = (row: MessageRow, { at, source, detail }: Withdrawal): Change => ({
  row,
  set: {
    status: 'SUPPRESSED',
    hintAt: null,
    errorKind: null,
    errorCode: null,
    errorRetryable: null,
    errorMessage: 'The person has objected since it was accepted.',
  },
  note: { source, at, detail },
});
