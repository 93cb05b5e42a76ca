import { AccountResolver } from '../accounts/graphql/account.resolver.js';
import { AuditResolver } from '../accounts/graphql/audit.resolver.js';
import { DeliveryResolver } from '../delivery/graphql/delivery.resolver.js';
import { SystemHealth } from '../delivery/system-health.js';
import { BatchResolver } from '../messages/graphql/batch.resolver.js';
import { BudgetResolver } from '../messages/graphql/budget.resolver.js';
import { CheckResolver } from '../messages/graphql/check.resolver.js';
import { ForecastResolver } from '../messages/graphql/forecast.resolver.js';
import { MessageEventResolver } from '../messages/graphql/message-event.resolver.js';
import { MessageLoaders } from '../messages/graphql/message.loaders.js';
import { MessageResolver } from '../messages/graphql/message.resolver.js';
import { MessageSubscriptions } from '../messages/graphql/message.subscriptions.js';
import { LiveMessages } from '../messages/live-messages.js';
import { MessageReader } from '../messages/message-reader.js';
import { PrivacyResolver } from '../privacy/graphql/privacy.resolver.js';
import { StatisticsResolver } from '../statistics/graphql/statistics.resolver.js';
import { TemplateLoaders } from '../templates/graphql/template.loaders.js';
import { TemplateResolver } from '../templates/graphql/template.resolver.js';
import { TextResolver } from '../templates/graphql/text.resolver.js';
import type { Core } from './build-core.js';
import { INBOX_RESOLVERS, inboxResolvers } from './inbox-resolvers.js';
import { PEOPLE_RESOLVERS, peopleResolvers } from './people-resolvers.js';

/** Every class with operations. The schema and the tests over all operations are made from this list. */
export const RESOLVERS = [
  AccountResolver,
  AuditResolver,
  ...PEOPLE_RESOLVERS,
  MessageResolver,
  MessageEventResolver,
  MessageSubscriptions,
  BatchResolver,
  ForecastResolver,
  CheckResolver,
  BudgetResolver,
  TemplateResolver,
  TextResolver,
  DeliveryResolver,
  ...INBOX_RESOLVERS,
  StatisticsResolver,
  PrivacyResolver,
] as const;

/** Their instances. */
export function makeResolvers(core: Core): Map<unknown, object> {
  const { messages, sending, batches, feed, watchedBatches, sealer, board, queues, refreshing, templates, db } = core;
  const loaders = new MessageLoaders(messages, batches, templates.texts);
  const system = new SystemHealth({ database: () => db.ping(), redis: () => queues.ping() }, board);
  const instances: object[] = [
    ...core.accounts.resolvers.values(),
    ...peopleResolvers(core),
    new MessageResolver(sending, messages, new MessageReader(sealer), loaders, refreshing),
    new MessageEventResolver(loaders),
    new MessageSubscriptions(new LiveMessages(feed, messages)),
    new BatchResolver(batches, loaders, watchedBatches),
    new ForecastResolver(core.forecasts),
    new CheckResolver(core.checks),
    new BudgetResolver(core.tenantBudgets, core.accounts.tenants),
    new TemplateResolver(templates.texts, templates.previews, new TemplateLoaders(templates.texts)),
    new TextResolver(),
    new DeliveryResolver(board, queues, system),
    ...inboxResolvers(core),
    new StatisticsResolver(core.statistics, core.liveStatistics),
    new PrivacyResolver(core.exporting, core.erasing),
  ];
  return new Map(instances.map((instance) => [instance.constructor, instance]));
}
