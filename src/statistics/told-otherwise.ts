import type { Kysely } from 'kysely';
import { GIVEN_OUT, type MessageStatus } from '../messages/message-status.js';
import type { Difference, Outcome } from './difference.js';
import { tellingsOf, type CountedMessage, type Telling } from './recount.queries.js';

/** Whoever brings a message into one of these knows how often it was tried. */
const TRIED: readonly MessageStatus[] = [...GIVEN_OUT, 'FAILED'];

type Told = Partial<Record<MessageStatus, Telling>>;
interface Mismatch {
  what: Outcome;
  row: string | null;
  byEvents: string | null;
}

/** Messages whose figures follow from something else than what their events say. */
export async function toldOtherwise(tx: Kysely<unknown>, messages: readonly CountedMessage[]): Promise<Difference[]> {
  const ids = messages.map(({ id }) => id);
  const told = Map.groupBy(await tellingsOf(tx, ids), ({ messageId }) => messageId);
  return messages.flatMap((message) => {
    const byStatus: Told = Object.fromEntries((told.get(message.id) ?? []).map((telling) => [telling.status, telling]));
    return mismatches(message, byStatus).map((mismatch): Difference => ({ of: 'outcome', messageId: message.id, ...mismatch }));
  });
}

function mismatches(message: CountedMessage, told: Told): Mismatch[] {
  const last = told[message.status];
  const pairs: Mismatch[] = [
    { what: 'time of delivery', row: timeOf(message.deliveredAt), byEvents: timeOf((told.DELIVERED ?? told.READ)?.at) },
  ];
  if (last && message.status === 'FAILED') pairs.push({ what: 'error', row: errorOf(message), byEvents: errorOf(last) });
  if (last && last.attempt !== null && TRIED.includes(message.status))
    pairs.push({ what: 'attempts', row: String(message.attempts), byEvents: String(last.attempt) });
  const found = pairs.filter(({ row, byEvents }) => row !== byEvents);
  // A receipt may come from the provider of an earlier attempt, which the message does not take for its own.
  const providers = [told.SENDING?.provider, told.DELIVERED?.provider, last?.provider].filter(Boolean);
  // What was claimed, and given back before anybody was asked, has none any more.
  const mayHaveNone = message.provider === null && !GIVEN_OUT.includes(message.status);
  if (!mayHaveNone && providers.length > 0 && !providers.includes(message.provider))
    found.push({ what: 'provider', row: message.provider, byEvents: providers[0] ?? null });
  return found;
}

const timeOf = (at: Date | null | undefined): string | null => at?.toISOString() ?? null;

const errorOf = ({ errorKind, errorCode }: Pick<Telling, 'errorKind' | 'errorCode'>): string =>
  [errorKind ?? 'UNKNOWN', errorCode].filter(Boolean).join(' ');
