import { pino } from 'pino';
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { Shutdown } from '../../src/app/shutdown.js';

const EVENTS = ['SIGINT', 'SIGTERM', 'uncaughtException'] as const;
const before = new Map(EVENTS.map((event) => [event, process.listeners(event as 'SIGINT')]));
let exit: MockInstance<typeof process.exit>;
let logged: { msg: string; level: number }[];
let shutdown: Shutdown;

beforeEach(() => {
  logged = [];
  exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  shutdown = new Shutdown(pino({ level: 'info' }, { write: (line) => void logged.push(JSON.parse(line)) }));
});

afterEach(() => {
  exit.mockRestore();
  for (const event of EVENTS)
    for (const listener of process.listeners(event as 'SIGINT')) if (!before.get(event)?.includes(listener)) process.off(event, listener);
});

const server = (name: string, order: string[]) => ({ name, stop: async () => void order.push(name) });

test('a signal stops what was started last first, and exits with 0', async () => {
  const order: string[] = [];
  await shutdown.own('first', Promise.resolve(server('first', order)), 1);
  await shutdown.own('second', Promise.resolve(server('second', order)), 1);
  shutdown.listen();
  process.emit('SIGTERM');
  await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0));
  expect(order).toEqual(['second', 'first']);
  expect(shutdown.begun).toBe(true);
});

test('a second signal exits at once with 1', async () => {
  const slow = Promise.withResolvers<void>();
  await shutdown.own('slow', Promise.resolve({ stop: () => slow.promise }), 60);
  shutdown.listen();
  process.emit('SIGINT');
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGINT');
  expect(exit).toHaveBeenCalledExactlyOnceWith(1);
  // Or it would end whatever test runs here in a minute.
  slow.resolve();
  await vi.waitFor(() => expect(exit).toHaveBeenCalledTimes(2));
});

test('what has not started yet is stopped once it has', async () => {
  const order: string[] = [];
  const starting = Promise.withResolvers<{ stop(): Promise<void> }>();
  void shutdown.own('late', starting.promise, 5);
  const ended = shutdown.end(0);
  starting.resolve(server('late', order));
  await ended;
  expect([order, exit.mock.calls]).toEqual([['late'], [[0]]]);
});

test('what did not start is not stopped', async () => {
  await expect(shutdown.own('broken', Promise.reject(new Error('no')), 5)).rejects.toThrow('no');
  await shutdown.end(1);
  expect([logged, exit.mock.calls]).toEqual([[], [[1]]]);
});

test('what does not stop in time is left behind, with a word and exit code 1', async () => {
  const order: string[] = [];
  await shutdown.own('first', Promise.resolve(server('first', order)), 1);
  await shutdown.own('stuck', Promise.resolve({ stop: () => new Promise<void>(() => undefined) }), 0.02);
  await shutdown.end(0);
  expect(logged).toMatchObject([
    { level: 50, msg: 'Not everything has stopped in order', err: { message: 'stuck did not stop within 0.02 s' } },
  ]);
  expect([order, exit.mock.calls]).toEqual([['first'], [[1]]]);
});

test('an error that nobody handles stops everything and exits with 1', async () => {
  const order: string[] = [];
  await shutdown.own('first', Promise.resolve(server('first', order)), 1);
  shutdown.listen();
  process.emit('uncaughtException', new Error('unforeseen'));
  await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(1));
  expect(order).toEqual(['first']);
  expect(logged).toMatchObject([{ level: 60, err: { message: 'unforeseen' } }]);
});
