/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query AnalyzeText($text: String!) {\n  analyzeText(text: $text) {\n    encoding\n    characters\n    segments\n    segmentsIfTransliterated\n    nonGsmCharacters {\n      character\n      replacement\n      count\n    }\n  }\n}": typeof types.AnalyzeTextDocument,
    "mutation CreateApiKey($input: CreateApiKeyInput!) {\n  createApiKey(input: $input) {\n    secret\n    apiKey {\n      id\n      name\n      role\n      prefix\n      expiresAt\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}": typeof types.CreateApiKeyDocument,
    "query MessageStory($id: ID!) {\n  message(id: $id) {\n    id\n    status\n    channel\n    to\n    body\n    attempts\n    maxAttempts\n    explanation {\n      summary\n      checks {\n        rule\n        passed\n        detail\n        at\n      }\n      routing {\n        provider\n        chosen\n        reason\n        at\n      }\n      nextAction\n      nextActionAt\n    }\n    events {\n      at\n      previousStatus\n      status\n      source\n      attempt\n      provider\n      applied\n      error {\n        kind\n        code\n        message\n      }\n      actor\n    }\n  }\n}": typeof types.MessageStoryDocument,
    "query PreviewTemplate($input: PreviewTemplateInput!) {\n  previewTemplate(input: $input) {\n    body\n    language\n    missingVariables\n    issues {\n      severity\n      code\n      message\n    }\n    languages {\n      language\n      text {\n        encoding\n        segments\n      }\n    }\n  }\n}": typeof types.PreviewTemplateDocument,
    "mutation RetryFailed($filter: MessageFilter!) {\n  retryFailedMessages(filter: $filter) {\n    retried\n    skipped\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}": typeof types.RetryFailedDocument,
    "mutation SendBulk($input: SendBulkInput!) {\n  sendBulk(input: $input) {\n    batch {\n      id\n      name\n      status\n      total\n      rejected\n    }\n    rejected {\n      index\n      to\n      code\n      message\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}": typeof types.SendBulkDocument,
    "mutation SendMessage($input: SendMessageInput!) {\n  sendMessage(input: $input) {\n    message {\n      id\n      status\n      to\n      segments\n      encoding\n      events {\n        status\n        at\n        cursor\n      }\n    }\n    duplicate\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}": typeof types.SendMessageDocument,
    "query SystemStatus {\n  health {\n    state\n    components {\n      name\n      state\n      detail\n      latencySeconds\n    }\n  }\n  providers {\n    name\n    channels\n    enabled\n    state\n    circuit\n    successRate\n    providerSeconds {\n      p50\n      p95\n      p99\n    }\n  }\n  queues {\n    name\n    waiting\n    active\n    delayed\n    failed\n    oldestWaitingSeconds\n  }\n}": typeof types.SystemStatusDocument,
    "subscription WatchBatch($id: ID!) {\n  batchProgress(id: $id) {\n    name\n    status\n    progress\n    counts {\n      status\n      count\n    }\n    completedAt\n  }\n}": typeof types.WatchBatchDocument,
    "subscription WatchDeliveries($filter: MessageFilter, $after: String) {\n  messageStatusChanged(filter: $filter, after: $after) {\n    messageId\n    previousStatus\n    status\n    source\n    at\n    attempt\n    provider\n    error {\n      kind\n      retryable\n      code\n      message\n    }\n    message {\n      to\n      reference\n    }\n    cursor\n  }\n}": typeof types.WatchDeliveriesDocument,
    "query WhoAmI {\n  viewer {\n    name\n    role\n    tenant {\n      name\n      slug\n    }\n  }\n}": typeof types.WhoAmIDocument,
};
const documents: Documents = {
    "query AnalyzeText($text: String!) {\n  analyzeText(text: $text) {\n    encoding\n    characters\n    segments\n    segmentsIfTransliterated\n    nonGsmCharacters {\n      character\n      replacement\n      count\n    }\n  }\n}": types.AnalyzeTextDocument,
    "mutation CreateApiKey($input: CreateApiKeyInput!) {\n  createApiKey(input: $input) {\n    secret\n    apiKey {\n      id\n      name\n      role\n      prefix\n      expiresAt\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}": types.CreateApiKeyDocument,
    "query MessageStory($id: ID!) {\n  message(id: $id) {\n    id\n    status\n    channel\n    to\n    body\n    attempts\n    maxAttempts\n    explanation {\n      summary\n      checks {\n        rule\n        passed\n        detail\n        at\n      }\n      routing {\n        provider\n        chosen\n        reason\n        at\n      }\n      nextAction\n      nextActionAt\n    }\n    events {\n      at\n      previousStatus\n      status\n      source\n      attempt\n      provider\n      applied\n      error {\n        kind\n        code\n        message\n      }\n      actor\n    }\n  }\n}": types.MessageStoryDocument,
    "query PreviewTemplate($input: PreviewTemplateInput!) {\n  previewTemplate(input: $input) {\n    body\n    language\n    missingVariables\n    issues {\n      severity\n      code\n      message\n    }\n    languages {\n      language\n      text {\n        encoding\n        segments\n      }\n    }\n  }\n}": types.PreviewTemplateDocument,
    "mutation RetryFailed($filter: MessageFilter!) {\n  retryFailedMessages(filter: $filter) {\n    retried\n    skipped\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}": types.RetryFailedDocument,
    "mutation SendBulk($input: SendBulkInput!) {\n  sendBulk(input: $input) {\n    batch {\n      id\n      name\n      status\n      total\n      rejected\n    }\n    rejected {\n      index\n      to\n      code\n      message\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}": types.SendBulkDocument,
    "mutation SendMessage($input: SendMessageInput!) {\n  sendMessage(input: $input) {\n    message {\n      id\n      status\n      to\n      segments\n      encoding\n      events {\n        status\n        at\n        cursor\n      }\n    }\n    duplicate\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}": types.SendMessageDocument,
    "query SystemStatus {\n  health {\n    state\n    components {\n      name\n      state\n      detail\n      latencySeconds\n    }\n  }\n  providers {\n    name\n    channels\n    enabled\n    state\n    circuit\n    successRate\n    providerSeconds {\n      p50\n      p95\n      p99\n    }\n  }\n  queues {\n    name\n    waiting\n    active\n    delayed\n    failed\n    oldestWaitingSeconds\n  }\n}": types.SystemStatusDocument,
    "subscription WatchBatch($id: ID!) {\n  batchProgress(id: $id) {\n    name\n    status\n    progress\n    counts {\n      status\n      count\n    }\n    completedAt\n  }\n}": types.WatchBatchDocument,
    "subscription WatchDeliveries($filter: MessageFilter, $after: String) {\n  messageStatusChanged(filter: $filter, after: $after) {\n    messageId\n    previousStatus\n    status\n    source\n    at\n    attempt\n    provider\n    error {\n      kind\n      retryable\n      code\n      message\n    }\n    message {\n      to\n      reference\n    }\n    cursor\n  }\n}": types.WatchDeliveriesDocument,
    "query WhoAmI {\n  viewer {\n    name\n    role\n    tenant {\n      name\n      slug\n    }\n  }\n}": types.WhoAmIDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query AnalyzeText($text: String!) {\n  analyzeText(text: $text) {\n    encoding\n    characters\n    segments\n    segmentsIfTransliterated\n    nonGsmCharacters {\n      character\n      replacement\n      count\n    }\n  }\n}"): (typeof documents)["query AnalyzeText($text: String!) {\n  analyzeText(text: $text) {\n    encoding\n    characters\n    segments\n    segmentsIfTransliterated\n    nonGsmCharacters {\n      character\n      replacement\n      count\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CreateApiKey($input: CreateApiKeyInput!) {\n  createApiKey(input: $input) {\n    secret\n    apiKey {\n      id\n      name\n      role\n      prefix\n      expiresAt\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}"): (typeof documents)["mutation CreateApiKey($input: CreateApiKeyInput!) {\n  createApiKey(input: $input) {\n    secret\n    apiKey {\n      id\n      name\n      role\n      prefix\n      expiresAt\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query MessageStory($id: ID!) {\n  message(id: $id) {\n    id\n    status\n    channel\n    to\n    body\n    attempts\n    maxAttempts\n    explanation {\n      summary\n      checks {\n        rule\n        passed\n        detail\n        at\n      }\n      routing {\n        provider\n        chosen\n        reason\n        at\n      }\n      nextAction\n      nextActionAt\n    }\n    events {\n      at\n      previousStatus\n      status\n      source\n      attempt\n      provider\n      applied\n      error {\n        kind\n        code\n        message\n      }\n      actor\n    }\n  }\n}"): (typeof documents)["query MessageStory($id: ID!) {\n  message(id: $id) {\n    id\n    status\n    channel\n    to\n    body\n    attempts\n    maxAttempts\n    explanation {\n      summary\n      checks {\n        rule\n        passed\n        detail\n        at\n      }\n      routing {\n        provider\n        chosen\n        reason\n        at\n      }\n      nextAction\n      nextActionAt\n    }\n    events {\n      at\n      previousStatus\n      status\n      source\n      attempt\n      provider\n      applied\n      error {\n        kind\n        code\n        message\n      }\n      actor\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query PreviewTemplate($input: PreviewTemplateInput!) {\n  previewTemplate(input: $input) {\n    body\n    language\n    missingVariables\n    issues {\n      severity\n      code\n      message\n    }\n    languages {\n      language\n      text {\n        encoding\n        segments\n      }\n    }\n  }\n}"): (typeof documents)["query PreviewTemplate($input: PreviewTemplateInput!) {\n  previewTemplate(input: $input) {\n    body\n    language\n    missingVariables\n    issues {\n      severity\n      code\n      message\n    }\n    languages {\n      language\n      text {\n        encoding\n        segments\n      }\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation RetryFailed($filter: MessageFilter!) {\n  retryFailedMessages(filter: $filter) {\n    retried\n    skipped\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}"): (typeof documents)["mutation RetryFailed($filter: MessageFilter!) {\n  retryFailedMessages(filter: $filter) {\n    retried\n    skipped\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation SendBulk($input: SendBulkInput!) {\n  sendBulk(input: $input) {\n    batch {\n      id\n      name\n      status\n      total\n      rejected\n    }\n    rejected {\n      index\n      to\n      code\n      message\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}"): (typeof documents)["mutation SendBulk($input: SendBulkInput!) {\n  sendBulk(input: $input) {\n    batch {\n      id\n      name\n      status\n      total\n      rejected\n    }\n    rejected {\n      index\n      to\n      code\n      message\n    }\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation SendMessage($input: SendMessageInput!) {\n  sendMessage(input: $input) {\n    message {\n      id\n      status\n      to\n      segments\n      encoding\n      events {\n        status\n        at\n        cursor\n      }\n    }\n    duplicate\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}"): (typeof documents)["mutation SendMessage($input: SendMessageInput!) {\n  sendMessage(input: $input) {\n    message {\n      id\n      status\n      to\n      segments\n      encoding\n      events {\n        status\n        at\n        cursor\n      }\n    }\n    duplicate\n    userErrors {\n      code\n      message\n      field\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query SystemStatus {\n  health {\n    state\n    components {\n      name\n      state\n      detail\n      latencySeconds\n    }\n  }\n  providers {\n    name\n    channels\n    enabled\n    state\n    circuit\n    successRate\n    providerSeconds {\n      p50\n      p95\n      p99\n    }\n  }\n  queues {\n    name\n    waiting\n    active\n    delayed\n    failed\n    oldestWaitingSeconds\n  }\n}"): (typeof documents)["query SystemStatus {\n  health {\n    state\n    components {\n      name\n      state\n      detail\n      latencySeconds\n    }\n  }\n  providers {\n    name\n    channels\n    enabled\n    state\n    circuit\n    successRate\n    providerSeconds {\n      p50\n      p95\n      p99\n    }\n  }\n  queues {\n    name\n    waiting\n    active\n    delayed\n    failed\n    oldestWaitingSeconds\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription WatchBatch($id: ID!) {\n  batchProgress(id: $id) {\n    name\n    status\n    progress\n    counts {\n      status\n      count\n    }\n    completedAt\n  }\n}"): (typeof documents)["subscription WatchBatch($id: ID!) {\n  batchProgress(id: $id) {\n    name\n    status\n    progress\n    counts {\n      status\n      count\n    }\n    completedAt\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription WatchDeliveries($filter: MessageFilter, $after: String) {\n  messageStatusChanged(filter: $filter, after: $after) {\n    messageId\n    previousStatus\n    status\n    source\n    at\n    attempt\n    provider\n    error {\n      kind\n      retryable\n      code\n      message\n    }\n    message {\n      to\n      reference\n    }\n    cursor\n  }\n}"): (typeof documents)["subscription WatchDeliveries($filter: MessageFilter, $after: String) {\n  messageStatusChanged(filter: $filter, after: $after) {\n    messageId\n    previousStatus\n    status\n    source\n    at\n    attempt\n    provider\n    error {\n      kind\n      retryable\n      code\n      message\n    }\n    message {\n      to\n      reference\n    }\n    cursor\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query WhoAmI {\n  viewer {\n    name\n    role\n    tenant {\n      name\n      slug\n    }\n  }\n}"): (typeof documents)["query WhoAmI {\n  viewer {\n    name\n    role\n    tenant {\n      name\n      slug\n    }\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;