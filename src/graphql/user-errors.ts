import 'reflect-metadata';
import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Refusal, UserErrorCode, type UserError } from '../errors.js';

registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'What was wrong with the input. Stable: programs may decide by it.',
  valuesConfig: {
    INVALID_PHONE_NUMBER: { description: 'Not a number that can be sent to: the message says why' },
    INVALID_EMAIL: { description: 'Not an email address' },
    INVALID_INPUT: { description: 'A value is missing, too long or out of range: the message says what is expected' },
    NOT_FOUND: { description: 'Nothing of this tenant has this id' },
    CONFLICT: { description: 'It does not fit what is there: another input with the same idempotencyKey, a state that forbids it' },
    CONSENT_REQUIRED: { description: 'The person has not agreed to this category on this channel, or no longer does by then' },
    OPTED_OUT: { description: 'The person has withdrawn the consent, answered STOP, or opted out with the provider' },
    PREFERENCE_DISABLED: { description: 'The person does not want this topic on this channel' },
    CHANNEL_UNAVAILABLE: { description: 'No provider for the channel, or messaging is switched off' },
    COUNTRY_NOT_ALLOWED: { description: "The number's country is not among the tenant's allowedCountries" },
    BUDGET_EXCEEDED: {
      description:
        "With this recipient the batch would cost more than its maxCost, or nobody knows the recipient's price; or a budget of the tenant with hardStop is used up",
    },
    RATE_LIMITED: { description: "The person has had as many messages of this category as the tenant's frequencyCaps allow" },
    SESSION_WINDOW_CLOSED: { description: 'WhatsApp: the person has not written within 24 hours, so only a template may be sent' },
    QUIET_HOURS: { description: "It would go out in the person's quiet hours, and is no longer valid at their end" },
    TEMPLATE_NOT_FOUND: { description: 'No published template with this code, or it is disabled' },
    TEMPLATE_INVALID: { description: 'No Liquid, too much to render, or what the linter calls an ERROR: the message says where' },
    TEMPLATE_VARIABLE_MISSING: { description: 'The template needs a variable that was not given, or is null: the path names it' },
    PHI_DETECTED: { description: 'Health information in a version that is to be published' },
    NOT_CANCELLABLE: { description: 'It has gone out, or is over' },
    NOT_RETRYABLE: { description: 'It is not FAILED or EXPIRED, its expiresAt has passed, or another message stands in for it' },
    OTP_INVALID: { description: 'Nothing returns it yet' },
    OTP_EXPIRED: { description: 'Nothing returns it yet' },
    OTP_ATTEMPTS_EXHAUSTED: { description: 'Nothing returns it yet' },
  },
});

@ObjectType('UserError', { description: 'Something the caller can put right' })
export class UserErrorType implements UserError {
  @Field(() => UserErrorCode)
  code!: UserErrorCode;

  @Field(() => String, { description: 'For people, in English' })
  message!: string;

  @Field(() => [String], { description: 'Path into the input, e.g. ["recipients", "3", "to"]' })
  field!: string[];
}

/**
 * What the caller can put right goes into the payload, whose own fields are then missing; everything else stays thrown.
 * `otherwise` gives the payload's non-null fields for that case: `{ duplicate: false }`.
 */
export async function orUserErrors<T extends object, K extends keyof T = never>(
  result: Promise<T>,
  otherwise?: Pick<T, K>,
): Promise<Partial<T> & Pick<T, K> & { userErrors: UserError[] }> {
  try {
    return { ...(await result), userErrors: [] };
  } catch (error) {
    // graphql-js throws every Error that a resolver returns, so the reasons have to be plain objects.
    if (error instanceof Refusal) return { ...(otherwise as Partial<T> & Pick<T, K>), userErrors: error.reasons };
    throw error;
  }
}
