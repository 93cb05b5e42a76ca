import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { given, inSeconds } from '../support/given.js';
import { erase, PERSON } from '../support/known-person.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
});
afterAll(() => run.stop());

test('an erasure in the midst of dispatch: once it has answered, no further message is claimed, and each has ended', async () => {
  for (let round = 0; round < 5; round++) {
    const sendAt = inSeconds(1.2);
    const sent = await Promise.all(
      Array.from({ length: 60 }, (_, n) => given.message(run.api, { to: PERSON.phone, body: `${PERSON.body} ${n}`, sendAt })),
    );
    await sleep(new Date(sendAt).getTime() - Date.now() + round * 60);
    await erase(run.api, { phone: PERSON.phone });
    const ids = sent.map(({ id }) => `'${id}'`).join(', ');
    const claimed = () => rowsOf(run, `select id, attempts from messages where id in (${ids}) and attempts > 0 order by id`);
    const atOnce = await claimed();
    await sleep(1_500);
    expect(await claimed()).toEqual(atOnce);
    const waiting = await rowsOf(run, `select id from messages where id in (${ids}) and status in ('SCHEDULED', 'QUEUED', 'SENDING')`);
    expect(waiting).toEqual([]);
    for (const { id } of sent) expect(run.simulator.taken(id)).toBe(atOnce.some((one) => one['id'] === id) ? 1 : 0);
  }
});
