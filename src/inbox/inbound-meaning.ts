import type { Intent } from '../consent/intent.js';
import { classify } from '../consent/keywords/keyword-intent.js';
import type { IncomingMessage } from '../delivery/provider.js';

export interface Meaning {
  intent: Intent;
  /** Of the keyword; null where it tells none. */
  language: string | null;
  /** It may be an opt-out: somebody has to read it. */
  isUnclear: boolean;
  /** The provider blocks the sender, although the person answered a question and did not opt out. */
  providerBlocked: boolean;
}

const BY_PROVIDER: Readonly<Record<string, Intent>> = { STOP: 'OPT_OUT', START: 'OPT_IN', HELP: 'HELP' };

/**
 * What the person wants. What the provider has understood counts too, because it has acted on it already; only to a
 * question of ours the answer is what the words say.
 */
export function meaningOf({ body, optOutType = null }: IncomingMessage, questionOpen: boolean): Meaning {
  const { intent, certain, language } = classify(body ?? '', { questionOpen });
  const told = optOutType === null ? undefined : BY_PROVIDER[optOutType];
  const isAnswer = questionOpen && (intent === 'CANCEL' || intent === 'CONFIRM');
  if (isAnswer || told === undefined) return { intent, language, isUnclear: !certain, providerBlocked: isAnswer && told === 'OPT_OUT' };
  return { intent: told, language, isUnclear: false, providerBlocked: false };
}
