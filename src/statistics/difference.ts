import type { FigureRow } from '../messages/figure-sum.js';
import { COUNTS } from '../messages/message-figures.js';
import type { MessageStatus } from '../messages/message-status.js';
import type { Rollup, Scope } from './rollup.js';

/** Something that the statistics tell otherwise than the messages, or a message otherwise than its events. */
export type Difference =
  | {
      of: 'figures';
      /** What the statistics lack; negative where they have too many. */
      missing: Rollup;
    }
  | {
      of: 'message';
      messageId: string;
      status: MessageStatus;
      /** Where its events end; null where they contradict themselves. */
      byEvents: MessageStatus | null;
    }
  | {
      of: 'outcome';
      messageId: string;
      what: Outcome;
      /** As the row has it, and as its events do. */
      row: string | null;
      byEvents: string | null;
    };

/** What figures follow from beside the status. */
export type Outcome = 'time of delivery' | 'error' | 'attempts' | 'provider';

const WIDTH_NAMES: Record<number, string> = { 60: 'minute', 900: 'quarter of an hour', 3600: 'hour', 86400: 'day' };

const SCOPE_NAMES: Record<Scope, string> = { ALL: 'all messages', TEMPLATE: 'by template', BATCH: 'by batch' };

/** One line for people. */
export function describeDifference(difference: Difference): string {
  if (difference.of === 'message') {
    const { messageId, status, byEvents } = difference;
    return `message ${messageId} is ${status}, and its events ${byEvents ? `end at ${byEvents}` : 'contradict each other'}`;
  }
  if (difference.of === 'outcome') {
    const { messageId, what, row, byEvents } = difference;
    return `message ${messageId}: ${what} ${row ?? 'unknown'}, and by its events ${byEvents ?? 'unknown'}`;
  }
  const { scope, seconds, figures } = difference.missing;
  const { at, channel, category, provider, currency, templateCode, batchId } = figures;
  const kind = [channel, category, provider, currency, templateCode && `template ${templateCode}`, batchId && `batch ${batchId}`];
  const place = `${WIDTH_NAMES[seconds] ?? seconds} of ${at.toISOString()}, ${SCOPE_NAMES[scope]}, ${kind.filter(Boolean).join(' ')}`;
  return `${place}: ${amountsIn(figures).join(', ')}`;
}

function amountsIn(figures: FigureRow): string[] {
  const numbers: [string, string][] = [
    ...COUNTS.map((name): [string, string] => [name, String(figures[name])]),
    ['cost', figures.cost],
    ...Object.entries(figures.details).map(([name, count]): [string, string] => [name, String(count)]),
  ];
  return numbers
    .filter(([, amount]) => amount !== '0')
    .map(([name, amount]) => (amount.startsWith('-') ? `${name} ${amount.slice(1)} too many` : `${name} ${amount} too few`));
}
