import DataLoader from 'dataloader';
import type { Caller } from '../../accounts/caller.js';
import type { Context } from '../../graphql/context.js';
import type { TemplateRow } from '../../templates/template.row.js';
import type { TemplateService } from '../../templates/template.service.js';
import type { Money } from '../../vocabulary.js';
import type { BatchRow, StatusCount } from '../batch.row.js';
import type { BatchService } from '../batch.service.js';
import type { EventRow } from '../message-event.js';
import type { MessageRow } from '../message.row.js';
import { sum } from '../money.js';
import type { MessageService } from '../message.service.js';
import { messageLists, type MessageLists } from './message-lists.js';

export type CallerContext = Context<Caller>;

type Make<L> = (context: CallerContext) => L;

const byKey = <K, T>(keys: readonly K[], rows: readonly T[], keyOf: (row: T) => K): (T | null)[] => {
  const found = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => found.get(key) ?? null);
};

/** One statement for all the rows of an answer, whatever their number. */
export class MessageLoaders {
  readonly messages: Make<DataLoader<string, MessageRow | null>>;
  readonly events: Make<DataLoader<string, EventRow[]>>;
  readonly batches: Make<DataLoader<string, BatchRow | null>>;
  readonly templates: Make<DataLoader<string, TemplateRow | null>>;
  readonly counts: Make<DataLoader<string, StatusCount[]>>;
  readonly costs: Make<DataLoader<string, Money | null>>;
  readonly ofBatches: Make<MessageLists>;

  constructor(messages: MessageService, batches: BatchService, templates: TemplateService) {
    this.templates = ({ caller }) =>
      new DataLoader(async (codes) => byKey(codes, await templates.findMany(caller, codes), ({ code }) => code));
    this.messages = ({ caller }) => new DataLoader(async (ids) => byKey(ids, await messages.findMany(caller, ids), ({ id }) => id));
    this.batches = ({ caller }) => new DataLoader(async (ids) => byKey(ids, await batches.findMany(caller, ids), ({ id }) => id));
    this.events = ({ caller }) =>
      new DataLoader(async (ids) => {
        const byMessage = Map.groupBy(await messages.events(caller, ids), ({ messageId }) => messageId);
        return ids.map((id) => byMessage.get(id) ?? []);
      });
    this.ofBatches = ({ caller }) =>
      messageLists(
        (ids, search, page) => messages.listOfBatches(caller, ids, search, page),
        ({ batchId }) => batchId,
        (ids, search) => messages.countOfBatches(caller, ids, search),
      );
    this.costs = () =>
      new DataLoader(async (ids) => {
        const byBatch = Map.groupBy(await batches.costs(ids), ({ batchId }) => batchId);
        return ids.map((id) => sum(byBatch.get(id) ?? []));
      });
    this.counts = () =>
      new DataLoader(async (ids) => {
        const byBatch = Map.groupBy(await batches.counts(ids), ({ batchId }) => batchId);
        return ids.map((id) => byBatch.get(id) ?? []);
      });
  }
}
