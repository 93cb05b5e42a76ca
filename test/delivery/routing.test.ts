import { beforeEach, describe, expect, test } from 'vitest';
import { OPEN_MS } from '../../src/delivery/circuit.js';
import { outcomeChange } from '../../src/delivery/outcome.js';
import { ProviderDirectory } from '../../src/delivery/provider-directory.js';
import { ProviderHealth } from '../../src/delivery/provider-health.js';
import type { MessageProvider } from '../../src/delivery/provider.js';
import { Routing } from '../../src/delivery/routing.js';
import type { Channel } from '../../src/vocabulary.js';
import { failed, messageRow, outcomeSettings, providerError } from '../support/builders.js';

const NOW_MS = 1_000_000_000_000;
const provider = (name: string, channels: Channel[]): MessageProvider => ({ name, channels }) as unknown as MessageProvider;
const directory = new ProviderDirectory(
  [provider('twilio', ['SMS', 'WHATSAPP']), provider('unifonic', ['SMS']), provider('old', ['SMS'])],
  {
    SMS: ['twilio', 'unifonic'],
    WHATSAPP: ['unifonic', 'twilio'],
  },
);

let health: ProviderHealth;
let routing: Routing;
beforeEach(() => {
  health = new ProviderHealth();
  routing = new Routing(directory, health, () => 0.5);
});

const down = (name: string): void => {
  for (let i = 0; i < 20; i++) health.failed(name, providerError(), 100, NOW_MS);
};
const choose = (row: Parameters<Routing['choose']>[0]) => routing.choose(row, NOW_MS);

describe('a route', () => {
  test('leads to the first provider of the channel’s order', () => {
    const route = choose(messageRow());
    expect(route.provider?.name).toBe('twilio');
    expect(route.steps).toEqual([{ provider: 'twilio', channel: 'SMS', chosen: true, reason: 'first healthy provider of the channel' }]);
  });

  test('passes over providers that do not serve the channel', () => {
    expect(choose(messageRow({ channel: 'WHATSAPP' })).provider?.name).toBe('twilio');
  });

  test('goes around a provider that is down, and says so', () => {
    down('twilio');
    const route = choose(messageRow());
    expect(route.provider?.name).toBe('unifonic');
    expect(route.steps[0]).toEqual({ provider: 'twilio', channel: 'SMS', chosen: false, reason: 'not healthy just now' });
  });

  test.each(['PROVIDER_UNAVAILABLE', 'SENDER_MISCONFIGURED', 'RATE_LIMITED'] as const)(
    'after %s moves on to another provider',
    (errorKind) => {
      const route = choose(messageRow({ provider: 'twilio', errorKind }));
      expect(route.steps).toMatchObject([{ provider: 'unifonic', chosen: true, reason: 'twilio failed before' }]);
    },
  );

  test('after any other fault stays with the first', () => {
    expect(choose(messageRow({ provider: 'twilio', errorKind: 'UNREACHABLE' })).provider?.name).toBe('twilio');
  });

  test('leads back to the one that failed when the other is down', () => {
    down('unifonic');
    const route = choose(messageRow({ provider: 'twilio', errorKind: 'PROVIDER_UNAVAILABLE' }));
    expect(route.provider?.name).toBe('twilio');
    expect(route.steps.at(-1)?.reason).toBe('first healthy provider of the channel');
  });

  test('leads to the provider that the caller names, and to no other', () => {
    expect(choose(messageRow({ requestedProvider: 'old' })).steps).toMatchObject([{ provider: 'old', reason: 'asked for by the caller' }]);
    down('old');
    expect(choose(messageRow({ requestedProvider: 'old' }))).toMatchObject({ provider: null, steps: [{ provider: 'old', chosen: false }] });
    expect(choose(messageRow({ requestedProvider: 'old', channel: 'WHATSAPP' })).provider).toBeNull();
  });

  test('that leads nowhere says when to ask again', () => {
    down('twilio');
    down('unifonic');
    expect(choose(messageRow({ lane: 'otp' }))).toMatchObject({ provider: null, waitMs: OPEN_MS });
    expect(choose(messageRow({ lane: 'otp', channel: 'EMAIL' }))).toEqual({ provider: null, steps: [], waitMs: 60_000 });
  });

  test('that leads nowhere is asked for less often by all that is no code', () => {
    down('twilio');
    down('unifonic');
    expect(choose(messageRow({ lane: 'bulk' }))).toMatchObject({ provider: null, waitMs: 1.5 * OPEN_MS });
  });
});

describe('the room of a channel', () => {
  test('is without bounds while one of its providers works, and where it has none', () => {
    down('unifonic');
    expect([routing.room('SMS', NOW_MS), routing.waitMs('SMS', NOW_MS), routing.room('EMAIL', NOW_MS)]).toEqual([Infinity, 0, Infinity]);
  });

  test('is none while all are down, and a few messages in a trial', () => {
    down('twilio');
    expect([routing.room('WHATSAPP', NOW_MS), routing.waitMs('WHATSAPP', NOW_MS)]).toEqual([0, OPEN_MS]);
    const row = messageRow({ channel: 'WHATSAPP' });
    const rooms = Array.from({ length: 6 }, () => {
      const room = routing.room('WHATSAPP', NOW_MS + OPEN_MS);
      routing.choose(row, NOW_MS + OPEN_MS);
      return room;
    });
    expect(rooms).toEqual([5, 4, 3, 2, 1, 0]);
  });
});

describe('another provider', () => {
  test.each([
    ['is there for a message that the first has failed', { provider: 'twilio' }, true],
    ['is not, where the caller named one', { provider: 'twilio', requestedProvider: 'twilio' }, false],
    ['is not, where the channel has but one', { channel: 'WHATSAPP', provider: 'twilio' }, false],
  ] as const)('%s', (_what, overrides, is) => {
    expect(routing.hasAlternative(messageRow(overrides), NOW_MS)).toBe(is);
  });

  test('is not, while it is down', () => {
    down('unifonic');
    expect(routing.hasAlternative(messageRow({ provider: 'twilio' }), NOW_MS)).toBe(false);
    expect(routing.hasAlternative(messageRow({ provider: 'twilio' }), NOW_MS + OPEN_MS)).toBe(true);
  });

  test('that fails as well is no reason to try the first again at once: an outage of both is waited out', () => {
    const settings = outcomeSettings({ hasAlternative: (row) => routing.hasAlternative(row, NOW_MS) });
    const [asked, waits]: [unknown[], number[]] = [[], []];
    let row = messageRow();
    while (row.status === 'QUEUED') {
      const attempts = row.attempts + 1;
      const sending = { ...row, provider: choose(row).provider?.name ?? null, status: 'SENDING' as const, attempts, claims: attempts };
      const outcome = { ...failed(sending, providerError()), claims: attempts };
      row = { ...sending, ...outcomeChange(sending, outcome, settings).set };
      asked.push(sending.provider);
      if (row.status === 'QUEUED') waits.push(row.dueAt.getTime() - outcome.at.getTime());
    }
    expect([row.status, asked, waits]).toEqual(['FAILED', ['twilio', 'unifonic', 'twilio'], [500, 600_000]]);
  });
});

describe('the directory', () => {
  test('knows who is there, who serves what and who is in use', () => {
    expect(directory.all().map(({ name }) => name)).toEqual(['twilio', 'unifonic', 'old']);
    expect([directory.get('old')?.name, directory.get('none')]).toEqual(['old', null]);
    expect([directory.hasChannel('SMS'), directory.hasChannel('EMAIL')]).toEqual([true, false]);
    expect([directory.serves('old', 'SMS'), directory.serves('old', 'WHATSAPP'), directory.serves('none', 'SMS')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([directory.isInUse('twilio'), directory.isInUse('old')]).toEqual([true, false]);
  });
});
