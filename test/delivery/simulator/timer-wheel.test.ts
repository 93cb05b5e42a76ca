import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { TimerWheel } from '../../../src/delivery/providers/simulator/timer-wheel.js';

test('things run in the order they are due, and never early', async () => {
  const wheel = new TimerWheel();
  const started = performance.now();
  const ran: [string, number][] = [];
  const run = (name: string) => () => ran.push([name, performance.now() - started]);
  wheel.after(60, run('third'));
  wheel.after(20, run('second'));
  wheel.after(0, run('first'));
  await wheel.wait(80);
  expect(ran.map(([name]) => name)).toEqual(['first', 'second', 'third']);
  expect(ran[1]?.[1]).toBeGreaterThanOrEqual(20);
  expect(ran[2]?.[1]).toBeGreaterThanOrEqual(60);
});

test('it goes on after it has been empty', async () => {
  const wheel = new TimerWheel();
  await wheel.wait(5);
  await setTimeout(30);
  const started = performance.now();
  await wheel.wait(10);
  expect(performance.now() - started).toBeGreaterThanOrEqual(10);
});

test('what one thing adds while it runs is run as well', async () => {
  const wheel = new TimerWheel();
  const started = performance.now();
  await new Promise<void>((resolve) => wheel.after(5, () => wheel.after(5, () => wheel.after(0, resolve))));
  expect(performance.now() - started).toBeGreaterThanOrEqual(10);
});

test('a stopped wheel runs nothing, now or later', async () => {
  const wheel = new TimerWheel();
  const ran: string[] = [];
  for (const ms of [0, 5]) wheel.after(ms, () => ran.push('before'));
  wheel.stop();
  for (const ms of [0, 5]) wheel.after(ms, () => ran.push('after'));
  await setTimeout(30);
  expect(ran).toEqual([]);
});
