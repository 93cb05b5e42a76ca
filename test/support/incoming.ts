import { expect } from 'vitest';
import { simulatorSecret } from '../../src/app/build-providers.js';
import { Secret } from '../../src/secret.js';
import { eventually } from './eventually.js';
import { given, NUMBER } from './given.js';
import type { TestApi } from './gql.js';
import type { TestApp } from './test-app.js';

export interface Written {
  channel?: 'SMS' | 'WHATSAPP';
  from?: string;
  to?: string;
  body?: string | null;
  mediaUrls?: string[];
  optOutType?: 'STOP' | 'START' | 'HELP';
  profileName?: string;
}

const INBOUND = `id channel from to body mediaUrls intent provider providerMessageId receivedAt answer review reviewNeeded
  providerBlocked explanation conversation { id state unreadCount sessionExpiresAt contact { id } }`;

const LIST = `query ($reviewNeeded: Boolean, $first: Int) { inboundMessages(reviewNeeded: $reviewNeeded, first: $first) { nodes { ${INBOUND} } } }`;

export const REPLY = `mutation ($input: ReplyInput!) { reply(input: $input) { message { id to category status channel createdAt } duplicate userErrors { code field } } }`;

const secretOf = ({ env }: TestApp): string => `Bearer ${simulatorSecret(new Secret(env['ENCRYPTION_KEY'] ?? '')).reveal()}`;

/** A person writes to us, by way of the simulator. Returns the provider's id of the message. */
export async function writes(run: TestApp, body: string | null, written: Written = {}): Promise<string> {
  const message = {
    channel: 'SMS',
    from: NUMBER,
    to: '+14155550199',
    body,
    incomingUrl: `${run.url}/webhooks/simulator/incoming`,
    ...written,
  };
  const answer = await fetch(`${run.simulator.url}/incoming`, {
    method: 'POST',
    headers: { authorization: secretOf(run) },
    body: JSON.stringify(message),
  });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { sid: string }).sid;
}

/** The newest messages of the tenant of `api`, as its ADMIN reads them. */
export const inbound = async ({ api }: Pick<TestApp, 'api'>, variables: Record<string, unknown> = {}): Promise<any[]> =>
  (await api.query(LIST, variables)).inboundMessages.nodes;

/** Writes, and waits until the message is in its conversation. */
export async function hears(run: TestApp, body: string | null, written: Written = {}): Promise<any> {
  const sid = await writes(run, body, written);
  let found: any;
  await eventually(async () => {
    found = (await inbound(run)).find(({ providerMessageId }) => providerMessageId === sid);
    expect(found).toBeDefined();
  }, 8_000);
  return found;
}

/** The tenant writes to the number, and the person back. Returns what came in. */
export async function conversationWith(run: TestApp, api: TestApi, from: string, body = 'Hello'): Promise<any> {
  await given.delivered(api, { to: from });
  await writes(run, body, { from });
  return eventually(async () => {
    const [found] = await inbound({ api }, { first: 1 });
    expect(found).toMatchObject({ from, body });
    return found;
  }, 8_000);
}
