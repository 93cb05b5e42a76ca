import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { AccountEvents } from '../../src/accounts/account-events.js';
import { RedisEventBus } from '../../src/platform/pubsub/redis-event-bus.js';
import { testRedis } from '../support/test-database.js';

const log = pino({ level: 'silent' });
const buses: RedisEventBus[] = [];
afterEach(() => buses.splice(0).forEach((bus) => bus.close()));

async function eventsOf({ url, prefix }: { url: string; prefix: string }): Promise<{ events: AccountEvents; heard: string[] }> {
  const bus = new RedisEventBus(url, prefix, log);
  buses.push(bus);
  const events = new AccountEvents(bus);
  const heard: string[] = [];
  events.onRevoked((id) => heard.push(`revoked ${id}`));
  events.onChanged((id) => heard.push(`changed ${id}`));
  await events.listen();
  return { events, heard };
}

test('a revoked key and a changed tenant are heard of in every process, in the own one at once', async () => {
  const redis = testRedis();
  const [here, there] = [await eventsOf(redis), await eventsOf(redis)];
  here.events.publishRevoked('k');
  here.events.publishChanged('t');
  expect(here.heard).toEqual(['revoked k', 'changed t']);
  await expect.poll(() => there.heard).toEqual(['revoked k', 'changed t']);
});

test('another installation on the same Redis hears nothing', async () => {
  const [here, elsewhere] = [await eventsOf(testRedis()), await eventsOf(testRedis())];
  here.events.publishRevoked('k');
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(elsewhere.heard).toEqual([]);
});

test('without Redis the own process is told all the same', async () => {
  const { events, heard } = await eventsOf({ url: 'redis://127.0.0.1:1', prefix: 'x' });
  events.publishRevoked('k');
  expect(heard).toEqual(['revoked k']);
});

test('whoever stops listening hears no more', async () => {
  const events = new AccountEvents();
  const heard: string[] = [];
  const stop = events.onRevoked((id) => heard.push(id));
  events.publishRevoked('1');
  stop();
  events.publishRevoked('2');
  expect(heard).toEqual(['1']);
});
