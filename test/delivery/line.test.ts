import { expect, test } from 'vitest';
import { Line } from '../../src/delivery/line.js';

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Calls that wait for their turn, and the names of those that have had it. */
function callsOn(line: Line): { made: string[]; call(name: string, count: number, isCode?: boolean): Promise<void> } {
  const made: string[] = [];
  return {
    made,
    call: (name, count, isCode = false) => {
      for (let n = 0; n < count; n++) void line.take(isCode).then(() => made.push(name));
      return settled();
    },
  };
}

test('takes as many calls as there are connections, and half as many beside', async () => {
  const { made, call } = callsOn(new Line(8));
  await call('campaign', 30);
  expect(made).toHaveLength(12);
});

test('lets in codes as soon as there is room, before all who wait', async () => {
  const line = new Line(8);
  const { made, call } = callsOn(line);
  await call('campaign', 30);
  await call('code', 2, true);
  line.release();
  line.release();
  await settled();
  expect(made.slice(12)).toEqual(['code', 'code']);
});

test('lets in the others many at a time, and forgets nobody', async () => {
  const line = new Line(8);
  const { made, call } = callsOn(line);
  await call('campaign', 30);
  for (const after of [12, 12, 12, 16]) {
    line.release();
    await settled();
    expect(made).toHaveLength(after);
  }
  for (let released = 4; released < 30; released++) line.release();
  await settled();
  expect(made).toHaveLength(30);
  await call('later', 12);
  expect(made).toHaveLength(42);
});
