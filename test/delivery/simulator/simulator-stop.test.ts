import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { failureOf, outbound, patience } from '../../support/provider-conformance.js';
import { startSimulator } from './start-simulator.js';

/** How much would keep the process alive. */
const running = (): number => process.getActiveResourcesInfo().filter((kind) => /Timeout|Immediate|TCP/.test(kind)).length;

/** How much is left beyond that, once connections have closed and the test runner's own short timer is gone. */
async function leftBeyond(before: number): Promise<number> {
  for (let tried = 0; tried < 50 && running() > before; tried++) await setTimeout(20);
  return Math.max(0, running() - before);
}

test('stop cuts a held call and drops the receipts still to come', async () => {
  const { server, provider, webhooks, close } = await startSimulator({ speed: 10 });
  await provider.send(outbound(), patience());
  const held = failureOf(provider, outbound({ to: '+15005550010' }));
  await setTimeout(10);
  await server.stop();
  expect(await held).toMatchObject({ kind: 'PROVIDER_UNAVAILABLE', options: { answered: false } });
  await setTimeout(600);
  expect(webhooks.calls).toBe(0);
  await close();
});

test('stop leaves nothing running, even while the receiver is away', async () => {
  const before = running();
  const { server, provider, webhooks, close } = await startSimulator();
  webhooks.faults.push(...Array<number>(20).fill(503));
  for (let sent = 0; sent < 20; sent++) await provider.send(outbound(), patience());
  await setTimeout(50);
  expect(running()).toBeGreaterThan(before);
  await server.stop();
  await close();
  expect(await leftBeyond(before)).toBe(0);
});
