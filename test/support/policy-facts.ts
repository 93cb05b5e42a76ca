import type { MessageFacts, PersonFacts, PolicyFacts, TenantPolicy } from '../../src/consent/policy-facts.js';
import { UNKNOWN_PERSON } from '../../src/consent/policy-facts.js';
import { NOW } from './builders.js';

/** A UTILITY message by SMS to somebody who has agreed to it, of a tenant that implies nothing. */
export const policyFacts = ({
  tenant,
  message,
  person,
  ...rest
}: {
  tenant?: Partial<TenantPolicy>;
  message?: Partial<MessageFacts>;
  person?: Partial<PersonFacts>;
} & Partial<Omit<PolicyFacts, 'tenant' | 'message' | 'person'>> = {}): PolicyFacts => ({
  at: NOW,
  looksAhead: false,
  messagingEnabled: true,
  tenant: { messagingEnabled: true, allowedCountries: null, impliedConsent: [], quietHours: null, timeZone: 'UTC', ...tenant },
  message: { channel: 'SMS', category: 'UTILITY', topic: null, country: 'US', isFreeText: true, expiresAt: null, ...message },
  person: { ...UNKNOWN_PERSON, consent: { state: 'GRANTED', expiresAt: null }, ...person },
  budgets: [],
  ...rest,
});
