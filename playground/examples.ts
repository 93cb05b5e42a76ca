import analyzeText from '../schema/operations/analyze-text.graphql?raw';
import createApiKey from '../schema/operations/create-api-key.graphql?raw';
import messageStory from '../schema/operations/message-story.graphql?raw';
import previewTemplate from '../schema/operations/preview-template.graphql?raw';
import retryFailed from '../schema/operations/retry-failed.graphql?raw';
import sendBulk from '../schema/operations/send-bulk.graphql?raw';
import sendMessage from '../schema/operations/send-message.graphql?raw';
import systemStatus from '../schema/operations/system-status.graphql?raw';
import watchBatch from '../schema/operations/watch-batch.graphql?raw';
import watchDeliveries from '../schema/operations/watch-deliveries.graphql?raw';
import type {
  AnalyzeTextQueryVariables,
  CreateApiKeyMutationVariables,
  MessageStoryQueryVariables,
  PreviewTemplateQueryVariables,
  RetryFailedMutationVariables,
  SendBulkMutationVariables,
  SendMessageMutationVariables,
  WatchBatchSubscriptionVariables,
  WatchDeliveriesSubscriptionVariables,
} from './generated/graphql.js';
import { LAST_BATCH, LAST_CURSOR, LAST_MESSAGE } from './last-sent.js';

interface Example {
  query: string;
  /** JSON */
  variables?: string;
}

// The documents as they were written, comments and all, which typed documents have lost.
const example = (query: string, variables: object): Example => ({ query, variables: JSON.stringify(variables, null, 2) });

/**
 * In the order in which a newcomer would try them. Each runs as it is. What has a default is given all the same, because
 * the editor marks it as missing.
 */
export const EXAMPLES: readonly [Example, ...Example[]] = [
  example(sendMessage, {
    input: {
      to: '+14155550100',
      body: 'Hello from Heliograph',
      reference: 'order-1001',
      channels: ['SMS'],
      category: 'UTILITY',
      immediate: false,
    },
  } satisfies SendMessageMutationVariables),
  example(watchDeliveries, { filter: {}, after: LAST_CURSOR } satisfies WatchDeliveriesSubscriptionVariables),
  example(messageStory, { id: LAST_MESSAGE } satisfies MessageStoryQueryVariables),
  example(sendBulk, {
    input: {
      name: 'Opening hours',
      body: 'We are open until 22:00 tonight.',
      recipients: ['+14155550101', '+14155550102', '+15005550009', '+15005550011', '12'].map((to) => ({ to })),
      channels: ['SMS'],
      category: 'UTILITY',
    },
  } satisfies SendBulkMutationVariables),
  example(watchBatch, { id: LAST_BATCH } satisfies WatchBatchSubscriptionVariables),
  example(retryFailed, { filter: { status: ['FAILED'], batchId: LAST_BATCH } } satisfies RetryFailedMutationVariables),
  example(analyzeText, {
    text: 'Your appointment with Dr. Haddad is tomorrow at 10:30 — answer C to confirm it, or call us to change it.',
  } satisfies AnalyzeTextQueryVariables),
  example(previewTemplate, {
    input: { code: 'appointment_confirmed', language: 'ar', channel: 'SMS', variables: { startsAt: '2026-12-01T14:30:00Z' } },
  } satisfies PreviewTemplateQueryVariables),
  example(createApiKey, { input: { name: 'Reports', role: 'VIEWER' } } satisfies CreateApiKeyMutationVariables),
  { query: systemStatus },
];
