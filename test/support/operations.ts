/** The documents of the tests over the API. Each asks for everything that a caller can read there. */

const ERRORS = 'userErrors { code message field }';

const FIELDS = `id channel category topic status to from body mediaUrls language encoding segments provider providerMessageId
  attempts maxAttempts nextAttemptAt reference createdAt scheduledFor expiresAt queuedAt sentAt deliveredAt readAt failedAt
  error { kind retryable code message } cost { amount currency } batch { id name } fallbackOf { id channel } fallback { id channel status }`;

const EVENTS = `events { id cursor messageId status previousStatus applied source at attempt provider actor error { kind code } message { id } }`;

const EXPLANATION = `explanation { summary nextAction nextActionAt checks { rule passed detail at }
  routing { provider channel chosen reason at } }`;

export const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { ${FIELDS} } duplicate ${ERRORS} }
}`;

export const MESSAGE = `query ($id: ID!) { message(id: $id) { ${FIELDS} ${EVENTS} ${EXPLANATION} } }`;

/** cancelMessage, retryMessage or refreshMessageStatus. */
export const onMessage = (operation: string): string => `mutation ($id: ID!) { ${operation}(id: $id) { message { ${FIELDS} } ${ERRORS} } }`;

export const RETRY_FAILED = `mutation ($filter: MessageFilter!) { retryFailedMessages(filter: $filter) { retried skipped ${ERRORS} } }`;

const BATCH_FIELDS = 'id name status total rejected createdAt completedAt progress counts { status count }';

export const SEND_BULK = `mutation ($input: SendBulkInput!) {
  sendBulk(input: $input) { batch { ${BATCH_FIELDS} } rejected { index to code message } ${ERRORS} }
}`;

/** pauseBatch, resumeBatch or cancelBatch. */
export const onBatch = (operation: string): string =>
  `mutation ($id: ID!) { ${operation}(id: $id) { batch { ${BATCH_FIELDS} } ${ERRORS} } }`;

export const BATCH = `query ($id: ID!, $first: Int, $after: String, $filter: MessageFilter) {
  batch(id: $id) {
    ${BATCH_FIELDS}
    messages(first: $first, after: $after, filter: $filter) { nodes { id to reference status } pageInfo { hasNextPage endCursor } totalCount }
  }
}`;

export const CHANGED = `subscription ($messageIds: [ID!], $filter: MessageFilter, $after: String) {
  messageStatusChanged(messageIds: $messageIds, filter: $filter, after: $after) {
    id cursor messageId status previousStatus applied source provider message { id to body }
  }
}`;

export const PROGRESS = `subscription ($id: ID!) { batchProgress(id: $id) { ${BATCH_FIELDS} } }`;

export const UPSERT_CONTACT = `mutation ($input: UpsertContactInput!) {
  upsertContact(input: $input) { contact { id externalId phone language timeZone } ${ERRORS} }
}`;

const CONSENTS = 'consents { channel category state source expiresAt }';

export const GRANT_CONSENT = `mutation ($input: ConsentInput!) { grantConsent(input: $input) { contact { id } ${CONSENTS} ${ERRORS} } }`;

export const WITHDRAW_CONSENT = `mutation ($input: ConsentInput!) { withdrawConsent(input: $input) { contact { id } ${CONSENTS} ${ERRORS} } }`;
