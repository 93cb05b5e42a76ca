import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FactSequencer } from '../../src/messages/fact-sequencer.js';
import type { MessageFact } from '../../src/messages/message-fact.js';
import type { MessageStatus } from '../../src/messages/message-status.js';
import { newId } from '../../src/platform/ids.js';
import { fact } from '../support/builders.js';

let handedOn: MessageFact[];
let sequencer: FactSequencer;
beforeEach(() => {
  // Not the date: ids are never made for a time before the last one's, and would run ahead of it in all tests that follow.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  handedOn = [];
  sequencer = new FactSequencer((one) => handedOn.push(one));
});
afterEach(() => {
  sequencer.close();
  vi.useRealTimers();
});

const change = (status: MessageStatus, previousStatus: MessageStatus | null, messageId = 'a'): MessageFact =>
  fact({ status, previousStatus, messageId });

/** The life of a message, as its changes follow each other. */
const life = (messageId = 'a'): [MessageFact, MessageFact, MessageFact, MessageFact] => [
  change('QUEUED', null, messageId),
  change('SENDING', 'QUEUED', messageId),
  change('SENT', 'SENDING', messageId),
  change('DELIVERED', 'SENT', messageId),
];

describe('changes of one message', () => {
  test('that come in order are handed on at once', () => {
    const [queued, sending, sent, delivered] = life();
    sequencer.receive([queued, sending]);
    sequencer.receive([sent, delivered]);
    expect(handedOn).toEqual([queued, sending, sent, delivered]);
  });

  test('that come too early wait for those before them', () => {
    const [queued, sending, sent, delivered] = life();
    for (const one of [queued, delivered, sent]) sequencer.receive([one]);
    expect(handedOn).toEqual([queued]);
    sequencer.receive([sending]);
    expect(handedOn).toEqual([queued, sending, sent, delivered]);
  });

  test('wait a moment only', () => {
    const [queued, , , delivered] = life();
    sequencer.receive([queued, delivered]);
    vi.advanceTimersByTime(14_999);
    expect(handedOn).toEqual([queued]);
    vi.advanceTimersByTime(1);
    expect(handedOn).toEqual([queued, delivered]);
  });

  test('that waited take those along that wait for them', () => {
    const [queued, , sent, delivered] = life();
    sequencer.receive([queued, sent, delivered]);
    vi.advanceTimersByTime(15_000);
    expect(handedOn).toEqual([queued, sent, delivered]);
  });

  test.each([
    ['its acceptance', { arriving: [1, 0, 2], seen: [1, 2] }],
    ['a later one', { arriving: [3, 2, 4], seen: [3, 4] }],
  ])('that the next one overtook are left to the log, which has them in their place: %s', (_which, { arriving, seen }) => {
    const steps = [...life(), change('READ', 'DELIVERED')];
    for (const step of arriving) sequencer.receive(steps.slice(step, step + 1));
    vi.advanceTimersByTime(60_000);
    expect(handedOn).toEqual(seen.map((step) => steps[step]));
    expect(steps.map(({ event }) => sequencer.has(event.id))).toEqual(steps.map((_, step) => seen.includes(step)));
  });

  test('are handed on when nothing is known of the message', () => {
    const [, , , delivered] = life();
    sequencer.receive([delivered]);
    expect(handedOn).toEqual([delivered]);
  });

  test('do not wait for another message’s', () => {
    const [queued, , sent] = life('a');
    const [other] = life('b');
    sequencer.receive([queued, sent, other]);
    expect(handedOn).toEqual([queued, other]);
  });
});

describe('a repeated change', () => {
  test('is dropped, whether it was handed on or waits', () => {
    const [queued, sending, sent] = life();
    sequencer.receive([queued, queued, sent, sent]);
    sequencer.receive([sending, queued, sent]);
    expect(handedOn).toEqual([queued, sending, sent]);
  });

  test('is known as handed on, not while it waits', () => {
    const [queued, , sent] = life();
    sequencer.receive([queued, sent]);
    expect([queued, sent].map(({ event }) => sequencer.has(event.id))).toEqual([true, false]);
  });

  test('is known however long the log is held up', () => {
    const queued = fact({ xid: '105' });
    sequencer.receive([queued]);
    vi.advanceTimersByTime(3_600_000);
    sequencer.verify('105');
    expect(sequencer.has(queued.event.id)).toBe(true);
  });

  test('is forgotten once its transaction is verified, and dropped all the same when it comes late', () => {
    const queued = fact({ xid: '99' });
    sequencer.receive([queued]);
    sequencer.verify('100');
    expect(sequencer.has(queued.event.id)).toBe(false);
    sequencer.receive([queued, fact({ xid: '99' })]);
    expect(handedOn).toEqual([queued]);
  });

  test('is not known any more when more than a hundred thousand came after it', () => {
    const first = fact();
    sequencer.receive([first]);
    for (let count = 0; count < 100_000; count++) sequencer.receive([fact({ messageId: newId() })]);
    expect(sequencer.has(first.event.id)).toBe(false);
  });
});

describe('what was missed and comes from the log', () => {
  test('is handed on with all that followed it, so that the end is right', () => {
    const [queued, sending, sent, delivered] = life();
    sequencer.receive([queued, sent]);
    vi.advanceTimersByTime(15_000);
    sequencer.holdBack(['a']);
    sequencer.repeat([sending, sent, delivered]);
    expect(handedOn).toEqual([queued, sent, sending, sent, delivered]);
  });

  test('takes the place of what still waits', () => {
    const [queued, sending, sent] = life();
    sequencer.receive([queued, sent]);
    sequencer.holdBack(['a']);
    sequencer.repeat([sending, sent]);
    vi.advanceTimersByTime(15_000);
    expect(handedOn).toEqual([queued, sending, sent]);
  });

  test.each(['known', 'unknown'])('comes before what arrived while the log was asked, the message being %s', (before) => {
    const [queued, sending, sent, delivered] = life();
    sequencer.receive(before === 'known' ? [queued] : []);
    sequencer.holdBack(['a']);
    sequencer.receive([delivered]);
    sequencer.repeat([sending, sent]);
    expect(handedOn.slice(-3)).toEqual([sending, sent, delivered]);
  });

  test('comes before what arrived meanwhile and is in the log as well, which comes once', () => {
    const [queued, sending, sent] = life();
    sequencer.holdBack(['a']);
    sequencer.receive([sending, sent]);
    sequencer.repeat([queued, sending, sent]);
    expect(handedOn).toEqual([queued, sending, sent]);
  });

  test('lets what arrived meanwhile go on when the log could not be read', () => {
    const [queued, sending, , delivered] = life();
    sequencer.receive([queued]);
    sequencer.holdBack(['a']);
    sequencer.receive([delivered, sending]);
    sequencer.repeat([]);
    expect(handedOn).toEqual([queued, sending]);
    vi.advanceTimersByTime(15_000);
    expect(handedOn).toEqual([queued, sending, delivered]);
  });

  test('is waited for, however long, and holds up no other message', () => {
    const [queued, sending, sent] = life();
    sequencer.receive([queued, sent]);
    sequencer.holdBack(['a']);
    vi.advanceTimersByTime(60_000);
    const [other] = life('b');
    sequencer.receive([other]);
    sequencer.repeat([sending, sent]);
    expect(handedOn).toEqual([queued, other, sending, sent]);
  });
});

test('nothing is handed on after the end', () => {
  const [queued, , sent] = life();
  sequencer.receive([queued, sent]);
  sequencer.close();
  vi.advanceTimersByTime(5_000);
  expect(handedOn).toEqual([queued]);
});
