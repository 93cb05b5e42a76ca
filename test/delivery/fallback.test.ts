import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptedAt } from '../../src/messages/accepted-at.js';
import { Fallback, type Takeovers } from '../../src/delivery/fallback.js';
import { failed } from '../../src/delivery/outcome.js';
import type { Change } from '../../src/messages/message-changes.js';
import { openContent, sealContent } from '../../src/messages/message-content.js';
import { NOWHERE } from '../../src/messages/message-event.js';
import type { MessageRow } from '../../src/messages/message.row.js';
import { LATER, NOW, sentRow } from '../support/builders.js';
import { openTestStore, type TestStore } from '../support/test-store.js';

let store: TestStore;
let fallback: Fallback;
beforeAll(async () => {
  store = await openTestStore();
  fallback = new Fallback(store.acceptance, store.sealer);
});
afterAll(() => store.close());

const takeOver = (...changes: Change[]): Promise<Takeovers> => store.db.transaction((tx) => fallback.takeOver(tx, changes, LATER));

function row(overrides: Partial<MessageRow> = {}): MessageRow {
  const content = { to: '+14155550100', from: null, body: 'Hello', mediaUrls: [] };
  const { tenantId, sealer } = store;
  return sentRow({ tenantId, sealed: sealContent(sealer, tenantId, content), fallbackChannels: ['WHATSAPP', 'SMS'], ...overrides });
}

const failing = (of: MessageRow): Change =>
  failed(of, { kind: 'UNREACHABLE', retryable: false, code: null, message: 'Off.' }, { source: 'WORKER', at: LATER });

describe('a message that has failed', () => {
  test('is followed by one on its next channel, linked both ways', async () => {
    const change = failing(row({ attempts: 3, claims: 4, costAmount: '1', reference: 'visit 7' }));
    const { rows } = await takeOver(change);
    expect(rows).toMatchObject([
      {
        channel: 'WHATSAPP',
        status: 'QUEUED',
        reference: 'visit 7',
        fallbackOf: change.row.id,
        fallbackChannels: ['SMS'],
        attempts: 0,
        claims: 0,
        provider: null,
        providerMessageId: null,
        costAmount: null,
        sentAt: null,
        errorKind: null,
        dueAt: LATER,
        segments: null,
      },
    ]);
    expect(rows[0]?.createdAt).toEqual(acceptedAt(rows[0]?.id ?? '', LATER));
    expect(change.set).toMatchObject({ status: 'FAILED', fallbackId: rows[0]?.id, fallbackAt: null });
    expect(await store.find(rows[0]?.id ?? '')).toEqual(rows[0]);
  });

  test('has its segments counted again for SMS', async () => {
    const { rows } = await takeOver(failing(row({ channel: 'WHATSAPP', fallbackChannels: ['SMS'] })));
    expect(rows).toMatchObject([{ channel: 'SMS', encoding: 'GSM7', segments: 1, fallbackChannels: null }]);
  });

  test('goes on in the words that a template has for the next channel', async () => {
    const { tenantId, sealer } = store;
    const others = { SMS: { language: 'en', body: 'By SMS', mediaUrls: [] } };
    const content = { to: '+14155550100', from: null, body: 'By WhatsApp', mediaUrls: ['https://a.example/1.jpg'], others };
    const sealed = sealContent(sealer, tenantId, { ...content, providerRefs: { dlt: { templateId: '1'.repeat(12), entityId: null } } });
    const { rows } = await takeOver(failing(row({ channel: 'WHATSAPP', fallbackChannels: ['SMS'], templateCode: 'visit', sealed })));
    expect(rows).toMatchObject([{ channel: 'SMS', templateCode: 'visit', language: 'en', encoding: 'GSM7' }]);
    expect(openContent(sealer, tenantId, rows[0]!.sealed!)).toEqual({
      to: '+14155550100',
      from: null,
      body: 'By SMS',
      mediaUrls: [],
      others,
    });
  });

  test.each([
    ['no further channel', { fallbackChannels: null }],
    ['a successor already', { fallbackId: 'another' }],
    ['outlived its validity', { expiresAt: NOW }],
  ] as const)('is followed by none when it has %s', async (_what, overrides) => {
    const change = failing(row(overrides));
    expect(await takeOver(change)).toEqual({ rows: [], stored: { events: [], place: NOWHERE } });
    expect(change.set).not.toHaveProperty('fallbackId');
  });

  test.each([
    ['has been erased', null],
    ['cannot be opened', Buffer.from('sealed by another key')],
  ])('is followed by none when its content %s', (_what, sealed) => {
    expect(fallback.successor({ ...row(), sealed }, LATER)).toBeNull();
  });

  test('is followed by none when a later report of the same group says that it was delivered', async () => {
    const change = failing(row());
    const good: Change = { row: { ...change.row, ...change.set }, set: { status: 'DELIVERED' }, note: null };
    const { rows } = await takeOver(change, good);
    expect(rows).toEqual([]);
    expect(good.set).toEqual({ status: 'DELIVERED' });
  });

  test('has its link in the last change of its group, which is the one that is written', async () => {
    const change = failing(row());
    const repeat: Change = { row: { ...change.row, ...change.set }, set: { segments: 2 }, note: null };
    const { rows } = await takeOver(change, repeat);
    expect(repeat.set).toEqual({ segments: 2, fallbackId: rows[0]?.id, fallbackAt: null });
  });
});

test('a message that had failed before has had its chance', async () => {
  const change: Change = { row: row({ status: 'FAILED' }), set: { segments: 2 }, note: null };
  expect((await takeOver(change)).rows).toEqual([]);
});
