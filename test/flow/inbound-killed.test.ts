import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulatorSecret } from '../../src/app/build-providers.js';
import { Secret } from '../../src/secret.js';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';

const FROM = '+14155550166';
const LIST = '{ inboundMessages { nodes { body intent answer conversation { unreadCount } } } }';

let deployment: Deployment;
let database: Client;
beforeAll(async () => {
  deployment = await Deployment.start();
  database = new Client({ connectionString: deployment.database.url });
  await database.connect();
}, 120_000);
afterAll(async () => {
  await database.end();
  await deployment.stop();
});

const count = async (table: string): Promise<number> => (await database.query(`select count(*)::int as n from ${table}`)).rows[0].n;

async function writes(body: string): Promise<void> {
  const authorization = `Bearer ${simulatorSecret(new Secret(deployment.env['ENCRYPTION_KEY'] ?? '')).reveal()}`;
  const incomingUrl = `http://127.0.0.1:${deployment.apiPort}/webhooks/simulator/incoming`;
  const message = { channel: 'SMS', from: FROM, to: '+14155550199', body, incomingUrl };
  await fetch(`${deployment.simulator.url}/incoming`, { method: 'POST', headers: { authorization }, body: JSON.stringify(message) });
}

test('a process that is killed between the journal and the conversation costs no STOP, and doubles none', async () => {
  const first = await deployment.run('api');
  // Whoever applies a message waits here.
  await database.query('begin');
  await database.query('lock table conversations in access exclusive mode');
  await writes('STOP');
  await eventually(async () => expect(await count('webhook_journal')).toBe(1), 10_000);
  await deployment.kill(first);
  await database.query('commit');
  expect(await count('inbound_messages')).toBe(0);

  await deployment.run('api,worker,scheduler');
  await eventually(async () => {
    const { inboundMessages } = await deployment.api.query(LIST);
    expect(inboundMessages.nodes).toEqual([{ body: 'STOP', intent: 'OPT_OUT', answer: 'SENT', conversation: { unreadCount: 1 } }]);
  }, 20_000);
  await eventually(async () => expect(deployment.simulator.takenTotal()).toBe(1), 10_000);
  await eventually(async () => expect(await count(`webhook_journal where state <> 'APPLIED' and kind = 'INCOMING'`)).toBe(0), 10_000);
}, 90_000);
