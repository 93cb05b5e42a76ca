import { expect } from 'vitest';
import type { TestApi } from './gql.js';

type Input = Record<string, unknown>;

const ERRORS = 'userErrors { code message field }';
const CONSENTS = 'consents { channel category state source statement updatedAt expiresAt }';

const CONTACT_FIELDS = `id externalId name phone email language timeZone createdAt erasedAt
  identities { channel address scope lastSeenAt } ${CONSENTS} preferences { topic channel enabled }
  consentHistory { id channel category from to source statement evidence ip userAgent actor at hash verified }`;

export const UPSERT = `mutation ($input: UpsertContactInput!) { upsertContact(input: $input) { contact { ${CONTACT_FIELDS} } ${ERRORS} } }`;
export const REMOVE_ADDRESS = `mutation ($input: RemoveContactAddressInput!) {
  removeContactAddress(input: $input) { contact { phone identities { address } } ${ERRORS} }
}`;
export const CONTACT = `query ($ref: ContactRefInput!) { contact(ref: $ref) { ${CONTACT_FIELDS} } }`;
export const CONTACTS = `query ($filter: ContactFilter, $first: Int, $after: String) {
  contacts(filter: $filter, first: $first, after: $after) { nodes { id externalId } pageInfo { hasNextPage endCursor } totalCount }
}`;

/** grantConsent or withdrawConsent. */
export const onConsent = (operation: string): string =>
  `mutation ($input: ConsentInput!) { ${operation}(input: $input) { contact { id } ${CONSENTS} ${ERRORS} } }`;

export const REQUEST_OPT_IN = `mutation ($input: RequestOptInInput!) {
  requestOptIn(input: $input) { contact { id } ${CONSENTS} token ${ERRORS} }
}`;
export const CONFIRM_OPT_IN = `mutation ($input: ConfirmOptInInput!) { confirmOptIn(input: $input) { contact { id } ${CONSENTS} ${ERRORS} } }`;
export const SET_PREFERENCES = `mutation ($input: SetPreferencesInput!) {
  setPreferences(input: $input) { contact { id preferences { topic channel enabled } } ${ERRORS} }
}`;

/** What `operation` answers; fails the test when it refuses. */
async function done(api: TestApi, document: string, operation: string, input: Input): Promise<any> {
  const { [operation]: payload } = await api.mutate(document, { input });
  expect(payload.userErrors).toEqual([]);
  return payload;
}

export const readContact = async (api: TestApi, id: string): Promise<any> => (await api.query(CONTACT, { ref: { id } })).contact;

/** People, as a test starts from them. */
export const people = {
  contact: async (api: TestApi, input: Input): Promise<any> => (await done(api, UPSERT, 'upsertContact', input)).contact,

  /** It has become somebody else's. */
  removeAddress: (api: TestApi, contact: Input, address: string): Promise<any> =>
    done(api, REMOVE_ADDRESS, 'removeContactAddress', { contact, address }),

  /** On SMS, for UTILITY, unless told otherwise. */
  grant: (api: TestApi, contact: Input, input: Input = {}): Promise<any> =>
    done(api, onConsent('grantConsent'), 'grantConsent', { contact, channels: ['SMS'], ...input }),

  withdraw: (api: TestApi, contact: Input, input: Input = {}): Promise<any> =>
    done(api, onConsent('withdrawConsent'), 'withdrawConsent', { contact, channels: ['SMS'], ...input }),
};
