import { NO_COUNTRY } from '../contacts/phone-number.js';
import type { UserErrorCode } from '../errors.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import type { BudgetFacts, MessageFacts, PolicyFacts } from './policy-facts.js';
import { quietUntil } from './quiet-hours.js';

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
export const POLICY_RULES = Object.values(PolicyRule);

export interface PolicyCheck {
  rule: PolicyRule;
  passed: boolean;
  detail: string | null;
}

/**
 * - DEFER: at `notBefore`
 * - WAIT: not now, perhaps later; nobody's fault and nothing about the person forbids it
 * - SUPPRESS: not to this person
 * - EXPIRE: its time is over, or will be before it may go out
 */
export type Decision = 'SEND' | 'DEFER' | 'WAIT' | 'SUPPRESS' | 'EXPIRE';

export interface Verdict {
  decision: Decision;
  /** Every rule, also those after the one that decided. */
  checks: PolicyCheck[];
  /** What those that forbid have to say, the one that decided first; with DEFER too. */
  failures: { rule: PolicyRule; code: UserErrorCode; message: string }[];
  /** The first of them; null with SEND and DEFER, which are accepted. */
  refusal: { rule: PolicyRule; code: UserErrorCode; message: string } | null;
  /** With DEFER: when it may go out. */
  notBefore: Date | null;
}

interface Failure {
  decision: Exclude<Decision, 'SEND'>;
  code: UserErrorCode;
  message: string;
  notBefore?: Date;
}

type RuleFailure = Failure & { rule: PolicyRule };

/** A failure; or what is worth saying although it passed, or null. */
type Answer = Failure | string | null;

const suppress = (code: UserErrorCode, message: string): Failure => ({ decision: 'SUPPRESS', code, message });
const switchedOff = (message: string): Failure => ({ decision: 'WAIT', code: 'CHANNEL_UNAVAILABLE', message });

function tenantEnabled({ messagingEnabled, tenant }: PolicyFacts): Answer {
  if (!messagingEnabled) return switchedOff('Messaging is switched off on this server (MESSAGING_ENABLED=false).');
  return tenant.messagingEnabled ? null : switchedOff('Messaging is switched off for this tenant (updateTenant, messagingEnabled).');
}

function country({ tenant: { allowedCountries }, message }: PolicyFacts): Answer {
  const { country: code } = message;
  if (!allowedCountries || code === null || allowedCountries.includes(code)) return null;
  const place = code === NO_COUNTRY ? 'no country' : code;
  return suppress('COUNTRY_NOT_ALLOWED', `Numbers of ${place} are not among the tenant's allowed countries.`);
}

const SET_BY: Readonly<Record<string, string>> = {
  KEYWORD: 'The person has answered STOP.',
  PROVIDER: "The provider reports the person's opt-out.",
  ERASURE: 'The person opted out before they were erased; only their own START takes it back.',
};

function suppression({ person: { suppressedBy } }: PolicyFacts): Answer {
  if (suppressedBy === null) return null;
  return suppress('OPTED_OUT', SET_BY[suppressedBy] ?? `The person has opted out (${suppressedBy}).`);
}

/** These may be sent to whoever has not objected. */
const NEED_NO_CONSENT: readonly MessageCategory[] = ['AUTHENTICATION', 'SERVICE'];

function consent(facts: PolicyFacts): Answer {
  const { person, message, tenant } = facts;
  const { category } = message;
  const { state = 'NONE', expiresAt = null } = person.consent ?? {};
  if (state === 'WITHDRAWN') return suppress('OPTED_OUT', `The consent to ${category} is withdrawn.`);
  const isOver = expiresAt !== null && expiresAt <= goesOutAt(facts);
  if (state === 'GRANTED' && !isOver) return 'Granted.';
  if (NEED_NO_CONSENT.includes(category)) return null;
  if (category !== 'MARKETING' && tenant.impliedConsent.includes(category)) return "Implied by the tenant's settings.";
  if (state === 'GRANTED') return suppress('CONSENT_REQUIRED', `The consent to ${category} has expired, or will have by then.`);
  if (state === 'PENDING') return suppress('CONSENT_REQUIRED', `The person has not answered yet whether they want ${category}.`);
  return suppress('CONSENT_REQUIRED', `There is no consent to ${category} on this channel.`);
}

const preference = ({ person, message: { topic, channel } }: PolicyFacts): Answer =>
  person.preference === false ? suppress('PREFERENCE_DISABLED', `The person does not want ${topic} by ${channel}.`) : null;

function frequencyCap({ person: { cap }, message: { category } }: PolicyFacts): Answer {
  if (!cap) return null;
  const said = `${cap.sent} of at most ${cap.max} ${category} messages within ${cap.perSeconds} s`;
  return cap.sent >= cap.max ? suppress('RATE_LIMITED', `The person has ${said}.`) : `${said}.`;
}

/** WhatsApp's rule: words of one's own for a day after the person wrote, templates at any time. */
function sessionWindow(facts: PolicyFacts): Answer {
  const { sessionUntil } = facts.person;
  const { channel, isFreeText } = facts.message;
  if (channel !== 'WHATSAPP' || !isFreeText || (sessionUntil && sessionUntil > goesOutAt(facts))) return null;
  return suppress(
    'SESSION_WINDOW_CLOSED',
    sessionUntil
      ? 'It would go out more than 24 hours after the person last wrote: only templates can be sent then.'
      : 'The person has not written by WhatsApp: only templates can be sent.',
  );
}

function budget({ budgets }: PolicyFacts): Answer {
  const exceeded = budgets.find(({ limit, used, cost }) => used >= limit || used + cost > limit);
  return exceeded
    ? { decision: 'WAIT', code: 'BUDGET_EXCEEDED', message: `The tenant's budget of the ${NAME[exceeded.period]} is used up.` }
    : null;
}

const NAME: Readonly<Record<BudgetFacts['period'], string>> = { DAY: 'day', MONTH: 'month' };

/** What decides when a message may go out. */
type TimeFacts = Pick<PolicyFacts, 'at' | 'tenant' | 'person'> & { message: Pick<MessageFacts, 'category'> };

const zoneOf = ({ tenant, person }: TimeFacts): string => person.timeZone ?? tenant.timeZone;

/** When quiet hours are over that put the message off; null where none do. */
export function quietEnd(facts: TimeFacts): Date | null {
  const { at, message, tenant } = facts;
  return tenant.quietHours?.categories.includes(message.category) ? quietUntil(tenant.quietHours, at, zoneOf(facts)) : null;
}

const goesOutAt = (facts: PolicyFacts): Date => (facts.looksAhead ? quietEnd(facts) : null) ?? facts.at;

function quietHours(facts: PolicyFacts): Answer {
  const notBefore = quietEnd(facts);
  if (!notBefore) return null;
  const { expiresAt } = facts.message;
  const until = `Quiet hours in ${zoneOf(facts)} until ${notBefore.toISOString()}`;
  if (expiresAt && expiresAt <= notBefore)
    return { decision: 'EXPIRE', code: 'QUIET_HOURS', message: `${until}: the validity (expiresAt) ends before that.` };
  return { decision: 'DEFER', code: 'QUIET_HOURS', message: `${until}.`, notBefore };
}

const validity = ({ at, message: { expiresAt } }: PolicyFacts): Answer =>
  expiresAt && expiresAt <= at ? { decision: 'EXPIRE', code: 'INVALID_INPUT', message: 'The validity (expiresAt) is over.' } : null;

const RULES: Readonly<Record<PolicyRule, (facts: PolicyFacts) => Answer>> = {
  TENANT_ENABLED: tenantEnabled,
  COUNTRY: country,
  SUPPRESSION: suppression,
  CONSENT: consent,
  PREFERENCE: preference,
  FREQUENCY_CAP: frequencyCap,
  SESSION_WINDOW: sessionWindow,
  BUDGET: budget,
  QUIET_HOURS: quietHours,
  VALIDITY: validity,
};

/** What may not keep the person from hearing that their STOP was understood: they have just written, and hear it once. */
const ABOUT_THE_PERSON: readonly PolicyRule[] = ['SUPPRESSION', 'CONSENT', 'PREFERENCE', 'FREQUENCY_CAP', 'QUIET_HOURS'];

function answerOf(rule: PolicyRule, facts: PolicyFacts): Answer {
  const answer = RULES[rule](facts);
  const isWaived = facts.message.confirmsOptOut && !isPassed(answer) && ABOUT_THE_PERSON.includes(rule);
  return isWaived ? "The one answer to the person's STOP." : answer;
}

/** Made once: a campaign asks each rule for each of its recipients, and nearly all pass. */
const PASSED = Object.fromEntries(POLICY_RULES.map((rule) => [rule, { rule, passed: true, detail: null }])) as Record<
  PolicyRule,
  PolicyCheck
>;

/** The one gate: asked when a message is accepted and again, with fresh facts, each time it is claimed for sending. */
export function askPolicy(facts: PolicyFacts): Verdict {
  const failures: RuleFailure[] = [];
  const checks = POLICY_RULES.map((rule): PolicyCheck => {
    const answer = answerOf(rule, facts);
    if (answer === null) return PASSED[rule];
    if (typeof answer === 'string') return { rule, passed: true, detail: answer };
    failures.push({ ...answer, rule });
    return { rule, passed: false, detail: answer.message };
  });
  return verdictOf(failures, checks);
}

function verdictOf(failures: RuleFailure[], checks: PolicyCheck[]): Verdict {
  const [first] = failures;
  if (!first) return { decision: 'SEND', checks, failures, refusal: null, notBefore: null };
  return {
    decision: first.decision,
    checks,
    failures,
    refusal: first.decision === 'DEFER' ? null : first,
    notBefore: first.notBefore ?? null,
  };
}

/** What another channel may answer differently for the same person. */
const OF_THE_CHANNEL: readonly PolicyRule[] = ['SUPPRESSION', 'CONSENT', 'PREFERENCE', 'SESSION_WINDOW'];

/** The first of `channels` that no rule about the channel forbids; the first of all where every one is forbidden. */
export function openChannel(channels: readonly Channel[], factsOf: (channel: Channel) => PolicyFacts): Channel | undefined {
  if (channels.length < 2) return channels[0];
  const isOpen = (channel: Channel): boolean => {
    const facts = factsOf(channel);
    return OF_THE_CHANNEL.every((rule) => isPassed(answerOf(rule, facts)));
  };
  return channels.find(isOpen) ?? channels[0];
}

const isPassed = (answer: Answer): boolean => answer === null || typeof answer === 'string';

/** What is worth keeping of the checks: the rules that are not named passed, and had nothing to say. */
export const notable = (checks: readonly PolicyCheck[]): PolicyCheck[] => checks.filter(({ passed, detail }) => !passed || detail !== null);

/** All of them again. */
export function allChecks(kept: readonly PolicyCheck[]): PolicyCheck[] {
  const byRule = new Map(kept.map((check) => [check.rule, check]));
  return POLICY_RULES.map((rule) => byRule.get(rule) ?? PASSED[rule]);
}
