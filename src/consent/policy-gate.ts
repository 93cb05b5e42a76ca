import type { UserErrorCode } from '../errors.js';

/** The rules, in the order in which they are asked. */
export const PolicyRule = {
  TENANT_ENABLED: 'TENANT_ENABLED',
  COUNTRY: 'COUNTRY',
  SUPPRESSION: 'SUPPRESSION',
  CONSENT: 'CONSENT',
  PREFERENCE: 'PREFERENCE',
  FREQUENCY_CAP: 'FREQUENCY_CAP',
  SESSION_WINDOW: 'SESSION_WINDOW',
  BUDGET: 'BUDGET',
  QUIET_HOURS: 'QUIET_HOURS',
  VALIDITY: 'VALIDITY',
} as const;
export type PolicyRule = (typeof PolicyRule)[keyof typeof PolicyRule];

/** What the rules look at. The same for a send that is asked for and for one that is about to go out. */
export interface PolicyFacts {
  now: Date;
  /** MESSAGING_ENABLED of this installation. */
  messagingEnabled: boolean;
  tenant: { messagingEnabled: boolean; allowedCountries: string[] | null };
  /** ISO 3166 alpha-2; null where the address has no country. */
  country: string | null;
  expiresAt: Date | null;
}

export interface PolicyCheck {
  rule: PolicyRule;
  passed: boolean;
  detail: string | null;
}

/**
 * - WAIT: not now, perhaps later; nobody's fault and nothing about the person forbids it
 * - SUPPRESS: not to this person
 * - EXPIRE: its time is over
 */
export type Decision = 'SEND' | 'WAIT' | 'SUPPRESS' | 'EXPIRE';

export interface Verdict {
  decision: Decision;
  /** Each rule that was asked, the failing one last. */
  checks: PolicyCheck[];
  /** What a caller is told; null with SEND. */
  refusal: { code: UserErrorCode; message: string } | null;
}

interface Failure {
  decision: Exclude<Decision, 'SEND'>;
  code: UserErrorCode;
  message: string;
}

interface Rule {
  rule: PolicyRule;
  ask: (facts: PolicyFacts) => Failure | null;
}

const RULES: readonly Rule[] = [
  {
    rule: PolicyRule.TENANT_ENABLED,
    ask: ({ messagingEnabled, tenant }) => {
      if (!messagingEnabled)
        return {
          decision: 'WAIT',
          code: 'CHANNEL_UNAVAILABLE',
          message: 'Messaging is switched off on this server (MESSAGING_ENABLED=false).',
        };
      if (!tenant.messagingEnabled)
        return {
          decision: 'WAIT',
          code: 'CHANNEL_UNAVAILABLE',
          message: 'Messaging is switched off for this tenant (updateTenant, messagingEnabled).',
        };
      return null;
    },
  },
  {
    rule: PolicyRule.COUNTRY,
    ask: ({ tenant, country }) =>
      tenant.allowedCountries && country && !tenant.allowedCountries.includes(country)
        ? {
            decision: 'SUPPRESS',
            code: 'COUNTRY_NOT_ALLOWED',
            message: `Numbers of ${country} are not among the tenant's allowed countries.`,
          }
        : null,
  },
  {
    rule: PolicyRule.VALIDITY,
    ask: ({ expiresAt, now }) =>
      expiresAt && expiresAt <= now ? { decision: 'EXPIRE', code: 'INVALID_INPUT', message: 'The validity (expiresAt) is over.' } : null,
  },
];

/** The one gate: asked when a message is accepted and again, with fresh facts, each time it is claimed for sending. */
export function askPolicy(facts: PolicyFacts): Verdict {
  const checks: PolicyCheck[] = [];
  for (const { rule, ask } of RULES) {
    const failure = ask(facts);
    checks.push({ rule, passed: failure === null, detail: failure?.message ?? null });
    if (failure) return { decision: failure.decision, checks, refusal: { code: failure.code, message: failure.message } };
  }
  return { decision: 'SEND', checks, refusal: null };
}
