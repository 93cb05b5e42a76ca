import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { Admission } from '../delivery/admission.js';
import { ReceiptApplier } from '../delivery/apply-receipts.js';
import { ClaimFactReader } from '../delivery/claim-facts.js';
import { Claims } from '../delivery/claim.js';
import { Dispatcher } from '../delivery/dispatch.js';
import { Fallback } from '../delivery/fallback.js';
import { UNLIMITED } from '../delivery/delivery.ports.js';
import { FreeText } from '../delivery/free-text.js';
import { LaneQueues } from '../delivery/jobs/lane-queues.js';
import { SharedSendRate } from '../delivery/jobs/shared-send-rate.js';
import { StatusLookUp } from '../delivery/look-up.js';
import { OptOuts } from '../delivery/opt-outs.js';
import type { OutcomeSettings } from '../delivery/outcome.js';
import { ProviderBoard } from '../delivery/provider-board.js';
import { ProviderHealth } from '../delivery/provider-health.js';
import { OutcomeRecorder } from '../delivery/record-outcomes.js';
import { ChargeReader } from '../delivery/charge-reader.js';
import { Redactions } from '../delivery/redaction.js';
import { RefreshStatusService } from '../delivery/refresh-status.service.js';
import { Routing } from '../delivery/routing.js';
import { Sweep } from '../delivery/sweep.js';
import { IncomingIntake } from '../delivery/incoming-intake.js';
import { WebhookIntake } from '../delivery/webhook-intake.js';
import { InboxFeed } from '../inbox/inbox-feed.js';
import { MergedInbox } from '../inbox/merged-inbox.js';
import { MessageAcceptance } from '../messages/accept-messages.js';
import { BatchFeed } from '../messages/batch-feed.js';
import { BatchForecastService } from '../messages/batch-forecast.service.js';
import { BatchUploadService } from '../messages/batch-upload.service.js';
import { BatchService } from '../messages/batch.service.js';
import { ContactHashes } from '../messages/contact-hashes.js';
import { ContactMessages } from '../messages/contact-messages.service.js';
import { WaitingMessages } from '../messages/held-messages.js';
import { MessageFeed } from '../messages/message-feed.js';
import { MessageService } from '../messages/message.service.js';
import { SendMessageService } from '../messages/send-message.service.js';
import { SettledMessages } from '../messages/settled-messages.js';
import { WatchedBatches } from '../messages/watched-batches.js';
import { ObservedPublisher } from '../messages/observed-publisher.js';
import { Database } from '../platform/database/database.js';
import { partitionFigures } from '../platform/database/partitions.queries.js';
import { BlindIndex } from '../platform/encryption/blind-index.js';
import { openIndexKey } from '../platform/encryption/index-key.js';
import { Sealer } from '../platform/encryption/sealer.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { RedisBoard } from '../platform/pubsub/redis-board.js';
import { RedisEventBus } from '../platform/pubsub/redis-event-bus.js';
import type { Secret } from '../secret.js';
import { census } from '../statistics/census.js';
import { LiveStatistics } from '../statistics/live-statistics.js';
import { StatisticsService } from '../statistics/statistics.service.js';
import { buildAccounts, ENTITIES } from './build-accounts.js';
import { buildInbox } from './build-inbox.js';
import { buildPeople } from './build-people.js';
import { buildPrivacy } from './build-privacy.js';
import { buildProviders } from './build-providers.js';
import { buildSending } from './build-sending.js';
import { buildTemplates } from './build-templates.js';
import { OptInMessages } from './opt-in-messages.js';

/** Settings once it is known where the servers are. */
export type RunningConfig = Config & { DATABASE_URL: string; REDIS_URL: string; ENCRYPTION_KEY: Secret[] };

export type Core = Awaited<ReturnType<typeof buildCore>>;

/** Longer than any call may take, so that a worker which lost its lease has surely lost its call as well. */
const LEASE_MARGIN_MS = 5_000;

/** Everything below the edges, created top to bottom and closed in the opposite order. */
export async function buildCore(
  config: RunningConfig,
  { log, publicUrl, sends }: { log: Logger; publicUrl: () => string; sends: boolean },
) {
  const db = await Database.connect({ url: config.DATABASE_URL, entities: ENTITIES, connections: config.DATABASE_CONNECTIONS, log });
  const sealer = new Sealer(config.ENCRYPTION_KEY);
  // Before any other connection: where no key opens the database, nothing may stay open that keeps a command from ending.
  const indexKey = await openIndexKey(db.sql, sealer, config.ENCRYPTION_KEY).catch(async (error: unknown) => {
    await db.close();
    throw error;
  });
  const index = new BlindIndex(indexKey);
  const bus = new RedisEventBus(config.REDIS_URL, config.REDIS_PREFIX, log);
  const posts = new RedisBoard(config.REDIS_URL, config.REDIS_PREFIX, log);
  const queues = new LaneQueues(config.REDIS_URL, config.REDIS_PREFIX, log);
  const metrics = new Metrics();
  const accounts = await buildAccounts({ db, bus, log });
  const providers = await buildProviders(config, { publicUrl, sends, log, metrics });
  const { directory } = providers;

  const feed = new MessageFeed(db, bus, log);
  const publisher = new ObservedPublisher(feed, metrics);
  const held = new WaitingMessages(publisher);
  const inboxFeed = new InboxFeed(bus);
  const merged = [new MergedInbox(inboxFeed)];
  const people = buildPeople({ db, audit: accounts.audit, tenants: accounts.tenants, sealer, index, held, merged });
  const templates = buildTemplates({ db, audit: accounts.audit, tenants: accounts.tenants });
  const batchFeed = new BatchFeed(bus, feed);
  const acceptance = new MessageAcceptance(db, queues, publisher);
  const policy = { messagingEnabled: config.MESSAGING_ENABLED, maxAttempts: config.MAX_ATTEMPTS };
  const parts = { db, accounts, contacts: people.contacts, sealer, index, prices: providers.prices, directory, settings: policy };
  const { preparation, factory, recipients, budgets, checks, tenantBudgets } = buildSending(parts);
  const contactHashes = new ContactHashes(people.contacts);
  const messages = new MessageService(db, accounts.tenants, index, queues, publisher, contactHashes, census);
  const contactMessages = new ContactMessages(db, people.contacts, contactHashes, messages);
  const settled = new SettledMessages(db, feed);
  const { book } = templates;
  const sending = new SendMessageService(db, accounts.tenants, preparation, factory, acceptance, directory, index, settled, book);
  const optIns = people.optInsBy(new OptInMessages(sending));
  const batches = new BatchService(
    db,
    accounts.tenants,
    recipients,
    acceptance,
    directory,
    index,
    queues,
    publisher,
    batchFeed,
    book,
    accounts.audit,
  );
  const uploadServices = { db, tenants: accounts.tenants, recipients, acceptance, index, sealer, board: batchFeed, templates: book };
  const uploads = new BatchUploadService(uploadServices, directory);
  const forecasts = new BatchForecastService(accounts.tenants, recipients, directory, config.PROVIDER_MESSAGES_PER_SECOND ?? null, book);

  const health = new ProviderHealth();
  const routing = new Routing(directory, health);
  const fallback = new Fallback(acceptance, sealer);
  const optOuts = new OptOuts(people.providerOptOuts, sealer);
  const timeoutMs = config.PROVIDER_TIMEOUT_SECONDS * 1000;
  const outcomes: OutcomeSettings = {
    outageSeconds: config.RETRY_OUTAGE_SECONDS,
    networkSeconds: config.RETRY_NETWORK_SECONDS,
    unconfirmedGraceMs: config.UNCONFIRMED_GRACE_SECONDS * 1000,
    hasAlternative: (row) => routing.hasAlternative(row),
    random: Math.random,
  };
  const leaseMs = 2 * timeoutMs + LEASE_MARGIN_MS;
  const claims = new Claims(db, routing, publisher, new ClaimFactReader(budgets, new FreeText(directory, sealer), policy), { leaseMs });
  const recorder = new OutcomeRecorder(db, fallback, optOuts, publisher, outcomes);
  const perSecond = config.PROVIDER_MESSAGES_PER_SECOND ?? null;
  const rate = perSecond === null ? null : new SharedSendRate({ url: config.REDIS_URL, prefix: config.REDIS_PREFIX, perSecond, log });
  const calls = { timeoutMs, concurrency: config.PROVIDER_CONNECTIONS };
  const dispatcher = new Dispatcher(claims, recorder, health, new Admission(routing), sealer, log, calls, rate ?? UNLIMITED);
  const applier = new ReceiptApplier(db, fallback, optOuts, publisher, outcomes);
  const lookUp = new StatusLookUp(db, directory, fallback, optOuts, publisher, sealer, log, { ...outcomes, timeoutMs });
  const { audit, tenants } = accounts;
  const spoken = { people, optIns, templates: book, factory, acceptance, messages, sending };
  const inbox = buildInbox({ db, feed: inboxFeed, metrics, audit, tenants, sealer, index, log, ...spoken });
  const intake = new WebhookIntake(db, applier, sealer, new IncomingIntake(db, sealer, inbox.inbound, log));
  const sweep = new Sweep(db, queues, queues, fallback, publisher, { lookUpAfterMs: outcomes.unconfirmedGraceMs });
  const board = new ProviderBoard(directory, health, posts);
  const redactions = new Redactions(db, directory, queues, metrics.redactions, { timeoutMs });
  const charges = new ChargeReader(db, directory, queues, metrics.charges, log, { timeoutMs });
  const privacy = buildPrivacy({ db, audit, tenants, people, sealer, index, publisher, inbox, directory });
  const statistics = new StatisticsService(db, accounts.tenants);

  metrics.watchQueues(() => queues.figures());
  metrics.watchEach('table', () => partitionFigures(db.sql), {
    heliograph_default_partition_rows: ['Rows that no month covers, up to 10,000', ({ strays }) => strays],
    heliograph_months_ahead: ['Months to come whose partition is made', ({ ahead }) => ahead],
  });
  for (const { name } of directory.all()) metrics.watchProvider(name);
  metrics.watchEach('provider', async () => directory.all(), {
    heliograph_circuit_open: [
      '1 while this process keeps from asking the provider',
      ({ name }) => Number(health.snapshot(name).circuit !== 'CLOSED'),
    ],
  });
  metrics.watch('heliograph_subscriptions', 'Open subscriptions to message changes in this process', () => feed.subscriptions);

  return {
    db,
    bus,
    queues,
    metrics,
    accounts,
    people,
    optIns,
    templates,
    directory,
    sealer,
    index,
    feed,
    watchedBatches: new WatchedBatches(batchFeed, batches, log),
    messages,
    contactMessages,
    sending,
    batches,
    uploads,
    forecasts,
    checks,
    tenantBudgets,
    dispatcher,
    lookUp,
    intake,
    inbox,
    redactions,
    charges,
    ...privacy,
    sweep,
    board,
    refreshing: new RefreshStatusService(messages, lookUp),
    statistics,
    liveStatistics: new LiveStatistics(statistics, feed, log),
    async close(): Promise<void> {
      await intake.idle();
      await feed.close();
      await providers.close();
      await accounts.close();
      await queues.close();
      posts.close();
      rate?.close();
      bus.close();
      await db.close();
    },
  };
}
