import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalledMessage } from '../../src/delivery/delivery.ports.js';
import { people } from '../support/contacts.js';
import { given } from '../support/given.js';
import { inbound } from '../support/incoming.js';
import { erase, PERSON } from '../support/known-person.js';
import { SEND } from '../support/operations.js';
import { placesOf } from '../support/personal-scan.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let run: TestApp;
beforeEach(async () => {
  run = await startTestApp({ ROLES: 'api' });
});
afterEach(() => run.stop());

const LEFT = [PERSON.name, PERSON.phone, PERSON.phone.slice(1), PERSON.answer];
let last = 0;

/** It is in the journal. */
async function journal(body: string, { from = PERSON.phone, at = new Date() } = {}): Promise<void> {
  const incoming = { channel: 'SMS' as const, from, to: '+14155550199', body, mediaUrls: [], profileName: PERSON.name };
  const { intake } = run.app.core;
  const message = { ...incoming, providerMessageId: `parked-${++last}` };
  await intake.add({ provider: 'simulator', rawBody: JSON.stringify(incoming), receipts: [], receivedAt: at, incoming: [message] });
  await intake.idle();
}

/** Nobody applies it. Returns what the process that is to do so holds of it. */
async function park(...message: Parameters<typeof journal>): Promise<JournalledMessage[]> {
  const service = run.app.core.inbox.inbound;
  const held: JournalledMessage[] = [];
  service.receive = async (entry) => void held.push(entry);
  await journal(...message);
  delete (service as Partial<typeof service>).receive;
  return held;
}

async function applyParked(): Promise<void> {
  await rowsOf(run, 'update webhook_journal set next_attempt_at = received_at');
  await run.app.core.intake.retryParked();
}

/** A message that has gone out: there is no worker here. */
async function wrote(api: Parameters<typeof given.scheduled>[0]): Promise<void> {
  const { id } = await given.scheduled(api, { to: PERSON.phone });
  await rowsOf(run, `update messages set status = 'SENT', provider = 'simulator', asked_at = now(), sent_at = now() where id = '${id}'`);
}

/** As if a minute had passed. */
async function finishErasures(): Promise<void> {
  await rowsOf(
    run,
    `update erasures set requested_at = requested_at - interval '2 minutes', next_at = now() - interval '1 second' where finished_at is null`,
  );
  await rowsOf(run, `update webhook_journal set received_at = received_at - interval '2 minutes'`);
  await run.app.core.erasure.continue();
  expect(await rowsOf(run, 'select 1 from erasures where finished_at is null')).toEqual([]);
}

describe('What the person wrote and nobody has applied yet', () => {
  test.each([
    ['is gone with them, and what others wrote is applied', true],
    ['to a number that is nobody’s contact is gone as well', false],
  ])('%s', async (_what, isKnown) => {
    if (isKnown) await people.contact(run.api, { phone: PERSON.phone });
    await park(PERSON.answer);
    await park('Of somebody else', { from: '+14155550177' });
    expect(await erase(run.api, { phone: PERSON.phone })).toMatchObject({ erased: true, inboundMessages: 1 });
    expect(await placesOf(run, LEFT.slice(1))).toEqual([]);
    await finishErasures();
    await applyParked();
    expect(await placesOf(run, LEFT.slice(1))).toEqual([]);
    expect(await inbound(run)).toMatchObject([{ body: 'Of somebody else', from: '+14155550177' }]);
  });

  test('is not kept either where a process still held it, or was just about to write it down', async () => {
    await people.contact(run.api, { phone: PERSON.phone });
    const at = new Date();
    const [held] = await park(PERSON.answer);
    await erase(run.api, { phone: PERSON.phone });
    await journal(PERSON.answer, { at });
    await finishErasures();
    await run.app.core.inbox.inbound.receive(held!);
    await applyParked();
    expect(await placesOf(run, LEFT)).toEqual([]);
    expect(await inbound(run)).toEqual([]);
  });

  test('is applied where it came after the erasure', async () => {
    await people.contact(run.api, { phone: PERSON.phone });
    await erase(run.api, { phone: PERSON.phone });
    await park('Of later');
    await finishErasures();
    await applyParked();
    expect(await inbound(run)).toMatchObject([{ body: 'Of later' }]);
  });

  test('holds as an opt-out if it was STOP', async () => {
    await people.contact(run.api, { phone: PERSON.phone });
    await park('STOP');
    await erase(run.api, { phone: PERSON.phone });
    await people.grant(run.api, { id: (await people.contact(run.api, { phone: PERSON.phone })).id });
    const { sendMessage } = await run.api.mutate(SEND, { input: { to: PERSON.phone, body: 'Hello again' } });
    expect(sendMessage.userErrors).toMatchObject([{ code: 'OPTED_OUT' }]);
  });
});

describe('Of several tenants', () => {
  test('the one that it was written to keeps it, whoever else erases the person', async () => {
    const stranger = await run.withTenant('stranger');
    await people.contact(run.api, { phone: PERSON.phone });
    await wrote(stranger.admin);
    await park(PERSON.answer);
    expect(await erase(run.api, { phone: PERSON.phone })).toMatchObject({ inboundMessages: 0 });
    await applyParked();
    expect(await inbound({ api: stranger.admin })).toMatchObject([{ body: PERSON.answer }]);
  });

  test.each(['contact', 'message'])('none gets what was written to another that knew them by a %s and erased them', async (known) => {
    const { admin } = await run.withTenant('stranger');
    if (known === 'contact') await people.contact(admin, { phone: PERSON.phone });
    else await wrote(admin);
    await park(PERSON.answer);
    expect(await erase(admin, { phone: PERSON.phone })).toMatchObject({ inboundMessages: 1 });
    await finishErasures();
    await applyParked();
    expect(await placesOf(run, LEFT)).toEqual([]);
  });

  test('none can erase what nobody wrote to it', async () => {
    const { admin } = await run.withTenant('stranger');
    await park(PERSON.answer);
    expect(await erase(admin, { phone: PERSON.phone })).toMatchObject({ inboundMessages: 0 });
    await applyParked();
    expect(await inbound(run)).toMatchObject([{ body: PERSON.answer }]);
  });
});
