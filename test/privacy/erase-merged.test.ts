import { afterEach, beforeEach, expect, test } from 'vitest';
import { people, readContact } from '../support/contacts.js';
import { given } from '../support/given.js';
import { erase, PERSON } from '../support/known-person.js';
import { placesOf } from '../support/personal-scan.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const { phone, email, statement, body } = PERSON;
const SECOND = '+14155550134';

let run: TestApp;
beforeEach(async () => {
  run = await startTestApp();
});
afterEach(() => run.stop());

test('who was two is erased as both, by either id', async () => {
  const first = await people.contact(run.api, { phone });
  const second = await people.contact(run.api, { phone: SECOND, email });
  for (const { id } of [first, second]) await people.grant(run.api, { id }, { statement });
  for (const to of [phone, SECOND]) await given.delivered(run.api, { to, body });
  await people.contact(run.api, { phone, email });
  expect(await erase(run.api, { id: second.id })).toMatchObject({ erased: true, messages: 2 });
  expect(await placesOf(run, [phone, SECOND, email, statement, body])).toEqual([]);
  expect(await readContact(run.api, first.id)).toMatchObject({ identities: [], erasedAt: expect.any(String) });
});

test('who is merged and erased at once is erased in the end', async () => {
  for (let round = 0; round < 5; round++) {
    const [first] = [await people.contact(run.api, { phone }), await people.contact(run.api, { email })];
    const merging = people.contact(run.api, { phone, email }).catch(() => undefined);
    const [answer] = await Promise.all([erase(run.api, { id: first.id }), merging]);
    expect(answer).toMatchObject({ erased: true, userErrors: [] });
    expect((await readContact(run.api, first.id)).erasedAt).not.toBeNull();
    for (const ref of [{ phone }, { email }]) await erase(run.api, ref);
    expect(await placesOf(run, [phone, email])).toEqual([]);
  }
});
