import type { ShownKey } from './admin-key.js';

export interface BannerFacts {
  /** Of the API, without a path. */
  url: string;
  tenant: string;
  adminKey: ShownKey | null;
  /** All messages go to the simulator. */
  simulated: boolean;
}

const SEND =
  'mutation { sendMessage(input: { to: "+14155550100", body: "Hello from Heliograph" }) { message { id status } userErrors { code message } } }';
const READ_LAST = '{ messages(first: 1) { nodes { id status events { status at } } } }';

/** What a person wants at the start: the addresses, the key, and a first message to paste into a shell. */
export function banner({ url, tenant, adminKey, simulated }: BannerFacts): string {
  const key = adminKey
    ? `${adminKey.key}  (ADMIN of tenant ${tenant}, ${adminKey.origin})`
    : `make one with: npm run heliograph -- key create --tenant ${tenant} --name admin --role ADMIN`;
  return `
Heliograph is ready.

  GraphQL     ${url}/graphql
  Playground  ${url}/playground${signIn(adminKey)}
  Health      ${url}/healthz
  API key     ${key}
${simulated ? '\nMessages go to the simulator and reach nobody; .env.example says how to set up a provider.\n' : ''}
Send a message:

${curl(url, adminKey, SEND)}

See what became of it:

${curl(url, adminKey, READ_LAST)}

`;
}

/** Only for a key as it is: a shell variable means nothing to a browser. */
const signIn = (adminKey: ShownKey | null): string => (adminKey?.key.startsWith('hg_') ? `#key=${adminKey.key}` : '');

const curl = (url: string, adminKey: ShownKey | null, query: string): string =>
  [
    `curl -s ${url}/graphql`,
    `  -H "Authorization: Bearer ${adminKey?.key ?? '$API_KEY'}"`,
    `  -H 'Content-Type: application/json'`,
    `  -d '${JSON.stringify({ query })}'`,
  ].join(' \\\n');
