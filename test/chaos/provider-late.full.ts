import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { endsWell } from '../support/reckoning.js';

const MESSAGES = 1_000;
const LATE_MS = 10_000;
/** How long every call is late: longer than a circuit stays open. */
const FOR_MS = 30_000;

let site: Deployment;
beforeEach(async () => {
  site = await Deployment.start({
    MAX_ATTEMPTS: '10',
    PROVIDER_TIMEOUT_SECONDS: '2',
    // By then a call has reached the provider, or never will.
    UNCONFIRMED_GRACE_SECONDS: '15',
  });
  await site.run('api');
  await site.run('worker,scheduler');
}, 60_000);
afterEach(() => site.stop());

const circuit = async (): Promise<string> => (await site.api.query('{ providers { circuit } }')).providers[0].circuit;

describe('a provider that is ten seconds late with every call for half a minute', () => {
  test.each(['answerMs', 'delayMs'] as const)(
    'opens the circuit, and takes each message exactly once (%s)',
    async (late) => {
      site.provider[late] = LATE_MS;
      const batchId = await site.send(MESSAGES, late);
      const opened = eventually(async () => expect(await circuit()).toBe('OPEN'), FOR_MS, 200);
      await Promise.all([opened, pause(FOR_MS)]);
      site.provider[late] = 0;
      await endsWell(site, batchId, MESSAGES, 240_000);
      expect(site.simulator.takenTotal()).toBe(MESSAGES);
    },
    300_000,
  );
});
