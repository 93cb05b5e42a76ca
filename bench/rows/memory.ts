import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ChildProcess } from 'node:child_process';
import { ask, end, message, startApi, startHelper, startProgram, until } from '../children.js';
import { grown, type Result } from '../result.js';
import { graphql, numberOf, openCore, settings, type Stage } from '../stage.js';

const FEW = 10_000;
const MANY = 1_000_000;
/** What a machine does not send within this time is left out; the table says how many it were. */
const SECONDS = Number(process.env['BENCH_MEMORY_SECONDS'] ?? 480);
const AT_ONCE = 10_000;
const UNDER_WAY = 20_000;
/** After which the memory of what has just happened is given back. */
const REST_MS = 5_000;
const SEND_BULK = `mutation ($input: SendBulkInput!) { sendBulk(input: $input) { batch { id } userErrors { code } } }`;

/** Accepted, sent, and reported on, by one api and one worker process; the resident memory of each. */
export async function memory(stage: Stage): Promise<Result[]> {
  const { url: databaseUrl, pool, close } = await stage.database();
  const provider = startHelper('provider');
  const { url: providerUrl } = await message<{ url: string }>(provider);
  const env = settings(stage, databaseUrl, { TWILIO_API_BASE_URL: providerUrl });
  const { core } = await openCore(env);
  await core.close();
  const { child: api, url } = await startApi(env);
  await ask(provider, { reportTo: url });
  const worker = startProgram({ ...env, PUBLIC_URL: url, ROLES: 'worker,scheduler' });
  const traffic = new Traffic(url, provider);
  await traffic.run(FEW);
  const before = [await residentMb(api), await residentMb(worker)];
  await traffic.run(MANY, Date.now() + SECONDS * 1000);
  const after = [await residentMb(api), await residentMb(worker)];
  const { rows } = await pool.query<{ count: string }>(`select count(*) from messages where status <> 'DELIVERED'`);
  if (rows[0]?.count !== '0') throw new Error(`${rows[0]?.count} messages are not DELIVERED`);
  await Promise.all([end(worker), end(api), end(provider)]);
  await close();
  const sent = traffic.accepted.toLocaleString('en-US');
  return ['api', 'worker'].map((name, index) =>
    grown(
      `memory of the ${name} process after ${sent} messages, ${Math.round(traffic.perSecond)}/s from acceptance to receipt`,
      'MB',
      after[index] ?? 0,
      {
        name: 'after 10,000',
        rate: before[index] ?? 0,
      },
      1.3,
    ),
  );
}

class Traffic {
  accepted = 0;
  perSecond = 0;

  constructor(
    private readonly url: string,
    private readonly provider: ChildProcess,
  ) {}

  /** Until so many have been accepted in all, or the time is up; then until each is reported on. */
  async run(total: number, deadline = Number.POSITIVE_INFINITY): Promise<void> {
    const [began, before] = [Date.now(), this.accepted];
    while (this.accepted < total && Date.now() < deadline) {
      await this.accept();
      await this.reported(this.accepted - UNDER_WAY);
    }
    await this.reported(this.accepted);
    this.perSecond = ((this.accepted - before) * 1000) / (Date.now() - began);
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }

  private async accept(): Promise<void> {
    const recipients = Array.from({ length: AT_ONCE }, (_, index) => ({ to: numberOf(this.accepted + index) }));
    const body = 'Your appointment is tomorrow at 09:30.';
    const { sendBulk } = await graphql<{ sendBulk: { userErrors: unknown[] } }>(this.url, SEND_BULK, {
      input: { name: 'bench', body, recipients },
    });
    if (sendBulk.userErrors.length > 0) throw new Error(JSON.stringify(sendBulk.userErrors));
    this.accepted += AT_ONCE;
  }

  private reported(count: number): Promise<void> {
    return until(async () => (await ask<{ reported: number }>(this.provider, 'count')).reported >= count, { everyMs: 100 });
  }
}

async function residentMb({ pid }: ChildProcess): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
}
