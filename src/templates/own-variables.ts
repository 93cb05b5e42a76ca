import type { Variables } from './template-text.js';

/** Known without being given: whoever sends may give another. */
export const OWN_VARIABLES: readonly string[] = ['sender'];

/** With the tenant's name as `sender`, unless another is given: null is none. */
export const withOwn = (variables: Variables, senderName: string): Variables => ({
  ...variables,
  sender: variables['sender'] ?? senderName,
});
