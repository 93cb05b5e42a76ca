import type { MessageFact } from './message-fact.js';
import type { MessageFilter } from './message.queries.js';

/**
 * The filter of a list, asked of a change: `status` is the status that the change led to, and `provider` and `errorKind` are
 * the change's own. The message has others by the time that the change is read from the log.
 */
export function factMatcher(messageIds: readonly string[] | null, filter: MessageFilter): (fact: MessageFact) => boolean {
  const ids = messageIds && new Set(messageIds);
  const toHashes = filter.toHashes?.map((hash) => hash.toString('hex'));
  const among = <T>(values: readonly T[] | null | undefined, value: T | null): boolean =>
    !values || (value !== null && values.includes(value));
  const equal = (wanted: string | null | undefined, value: string | null): boolean =>
    wanted === null || wanted === undefined || wanted === value;
  const tests: ((fact: MessageFact) => boolean)[] = [
    ({ event }) => !ids || ids.has(event.messageId),
    ({ event }) => among(filter.status, event.status),
    ({ message }) => among(filter.channel, message.channel),
    ({ message }) => among(filter.category, message.category),
    ({ event }) => among(filter.provider, event.provider),
    ({ event }) => among(filter.errorKind, event.errorKind),
    ({ message }) => among(toHashes, message.toHash),
    ({ message }) => equal(filter.topic, message.topic) && equal(filter.reference, message.reference),
    ({ message }) => equal(filter.batchId, message.batchId),
    ({ message }) => equal(filter.templateCode, message.templateCode),
    ({ message }) => !filter.createdAfter || new Date(message.createdAt) > filter.createdAfter,
    ({ message }) => !filter.createdBefore || new Date(message.createdAt) < filter.createdBefore,
  ];
  return (fact) => tests.every((test) => test(fact));
}
