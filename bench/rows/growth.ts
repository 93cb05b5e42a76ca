import { end, startApi } from '../children.js';
import { GrownTenant } from '../grown-tenant.js';
import { grown, quantile, within, type Result } from '../result.js';
import { graphql, openCore, settings, type Stage } from '../stage.js';

/** BENCH_SIZES: others, to try it out. */
const SIZES = process.env['BENCH_SIZES']?.split(',').map(Number) ?? [10_000, 1_000_000, 5_000_000];
const TIMES = 40;
const WARM = 150;
const WARM_EACH = 5;

const MESSAGES = `query ($filter: MessageFilter, $after: String) { messages(first: 50, filter: $filter, after: $after) {
  nodes { id to channel category status provider reference createdAt sentAt deliveredAt segments cost { amount currency } error { kind code } }
  pageInfo { hasNextPage endCursor }
} }`;
const STATISTICS = `query ($range: TimeRangeInput!) { statistics(range: $range) {
  total byStatus { status count } byChannel { key total delivered failed } byProvider { key total delivered failed }
  byCategory { key total } byTemplate { key total successRate } errors { kind code count } successRate withinObjectiveRate
  deliverySeconds { p50 p95 p99 } queueSeconds { p50 p95 p99 } providerSeconds { p50 p95 p99 } cost { amount currency } segments
  series(bucket: DAY) { at total delivered failed cost }
} }`;

type Filters = Record<string, object>;

/** By what was asked, the median at each size. */
type Medians = Map<string, number>;

/** What the dashboard asks, through the api: it must not matter how much was sent before. */
export async function growth(stage: Stage): Promise<Result[]> {
  const { url: databaseUrl, pool, close } = await stage.database();
  const env = settings(stage, databaseUrl, { TWILIO_WHATSAPP_NUMBER: '+15005550006' });
  const { core, tenantId } = await openCore(env);
  const tenant = new GrownTenant(pool, core, tenantId);
  const bySize: Medians[] = [];
  for (const size of SIZES) {
    await tenant.growTo(size);
    // A new process for each, so that all are measured equally warm.
    const { child, url } = await startApi(env);
    bySize.push(await medians(url, filtersOf(await tenant.samples())));
    await end(child);
  }
  await core.close();
  await close();
  const figures = await statisticsOfMany(stage);
  return [...SIZES.slice(1).flatMap((size, index) => rows(size, bySize[index + 1] ?? new Map(), bySize[0] ?? new Map())), figures];
}

/** Of a tenant on a database of its own, from its figures alone: they outlive messages. */
async function statisticsOfMany(stage: Stage): Promise<Result> {
  const { url: databaseUrl, pool, close } = await stage.database();
  const env = settings(stage, databaseUrl);
  const { core, tenantId } = await openCore(env);
  await new GrownTenant(pool, core, tenantId).growFigures(FIGURED);
  const { child, url } = await startApi(env);
  for (let time = 0; time < WARM; time++) await graphql(url, STATISTICS, lastMonth());
  const ms = await medianOfStatistics(url, FIGURED / 3);
  await end(child);
  await core.close();
  await close();
  return within('statistics of 30 days of a tenant with 10 million messages', ms, 'ms', MOST_MS);
}

const lastMonth = (): object => {
  const now = Date.now();
  return { range: { from: new Date(now - 30 * 86_400_000).toISOString(), to: new Date(now).toISOString() } };
};

async function medianOfStatistics(url: string, atLeast: number): Promise<number> {
  const { statistics } = await graphql<{ statistics: { total: number } }>(url, STATISTICS, lastMonth());
  if (statistics.total < atLeast) throw new Error(`${statistics.total} messages in the statistics`);
  return median(() => graphql(url, STATISTICS, lastMonth()));
}

const filtersOf = ({ to, batchId, templateCode, half }: Awaited<ReturnType<GrownTenant['samples']>>): Filters => ({
  'the newest': {},
  'FAILED ones': { status: ['FAILED'] },
  'delivered ones of a channel': { status: ['DELIVERED'], channel: ['WHATSAPP'] },
  'of a number': { to },
  'of a batch': { batchId },
  'of a template': { templateCode },
  'of a category, before a day': { category: ['MARKETING'], createdBefore: half },
  'of a rare channel': { channel: ['EMAIL'] },
  'of a rare category': { category: ['AUTHENTICATION'] },
  'of a rare topic': { topic: 'rare' },
  'of a rare status': { status: ['READ'] },
  'of a rare template': { templateCode: 'rare' },
  'of a rare provider': { provider: ['simulator'] },
  'of a rare error': { errorKind: ['TIMEOUT'] },
});

const isRare = (name: string): boolean => name.startsWith('of a rare');

/** So many, that what is rare is far from all that there is. */
const FIGURED = 10_000_000;
const MOST_MS = 100;

function rows(size: number, now: Medians, before: Medians): Result[] {
  const pages = [...now.keys()].filter((name) => name !== 'statistics');
  const ratio = (name: string): number => (now.get(name) ?? Number.NaN) / (before.get(name) ?? Number.NaN);
  const [rare, usual] = [pages.filter(isRare), pages.filter((name) => !isRare(name))];
  const worstOf = (names: readonly string[]): string => names.reduce((a, b) => (ratio(b) > ratio(a) ? b : a));
  const at = `${(size / 1_000_000).toLocaleString('en-US')} million messages`;
  const line = (what: string, name: string): Result =>
    grown(what, 'ms', now.get(name) ?? Number.NaN, { name: 'at 10,000', rate: before.get(name) ?? Number.NaN }, 2);
  return [
    line(`a page of 50 at ${at}: of ${usual.length} filters the one that grows most (${worstOf(usual)})`, worstOf(usual)),
    line(`the same of ${rare.length} filters that 60 messages match, all over two months (${worstOf(rare)})`, worstOf(rare)),
    line(`statistics of 30 days at ${at}`, 'statistics'),
  ];
}

async function medians(url: string, filters: Filters): Promise<Medians> {
  const found: Medians = new Map();
  for (let time = 0; time < WARM; time++) await graphql(url, MESSAGES, {});
  for (const [name, filter] of Object.entries(filters)) {
    const { messages } = await graphql<{ messages: { nodes: unknown[] } }>(url, MESSAGES, { filter });
    if (messages.nodes.length !== 50) throw new Error(`${messages.nodes.length} messages in the page of ${name}`);
    found.set(name, await median(() => graphql(url, MESSAGES, { filter })));
  }
  found.set('statistics', await medianOfStatistics(url, 1_000));
  if (process.env['BENCH_VERBOSE']) console.error(Object.fromEntries(found));
  return found;
}

async function median(question: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let time = -WARM_EACH; time < TIMES; time++) {
    const began = performance.now();
    await question();
    if (time >= 0) took.push(performance.now() - began);
  }
  return quantile(took, 0.5);
}
