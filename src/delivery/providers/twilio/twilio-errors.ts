import type { ErrorKind } from '../../../messages/delivery-error.js';
import { ProviderError, type Receipt, type Retry } from '../../provider.js';
import { NoAnswer, type TwilioCall } from './twilio-http-client.js';

type Row = [codes: string, kind: ErrorKind, retry: Retry, message: string];

/** https://www.twilio.com/docs/api/errors, in our words: Twilio's texts repeat numbers. */
const ROWS: readonly Row[] = [
  ['21211 21217 21604 30005 63003 63024', 'INVALID_RECIPIENT', false, 'The number does not exist or is not on this channel.'],
  ['21614 30006', 'INVALID_RECIPIENT', false, 'The number is a landline or cannot receive messages.'],
  ['30003', 'UNREACHABLE', true, 'The phone is off or out of coverage.'],
  ['21612', 'UNREACHABLE', false, 'There is no route from this sender to this number.'],
  ['21610 63014 63033', 'OPTED_OUT', false, 'The recipient does not want messages from this sender.'],
  ['30004', 'CARRIER_BLOCKED', false, 'The carrier or the phone refused the message.'],
  ['30007', 'CONTENT_REJECTED', false, 'The carrier filtered the message as unwanted or against its policy.'],
  ['21602 21617 21605', 'CONTENT_REJECTED', false, 'The body is missing or too long.'],
  ['21618 21620 21623 30011 30019', 'CONTENT_REJECTED', false, 'The media are invalid, too many or too large.'],
  ['63005 63006 63013 63019 63021 63026 63030 63034 63037', 'CONTENT_REJECTED', false, 'WhatsApp refused the content.'],
  ['21654 21655 21656 63027 63028 63029 63040 63041', 'TEMPLATE_REJECTED', false, 'The template is missing, paused or does not fit.'],
  ['63016', 'SESSION_WINDOW_CLOSED', false, 'The last message from this person is over 24 hours ago: only a template may be sent.'],
  ['63032 63049', 'POLICY_CAPPED', false, 'WhatsApp does not deliver this kind of message to this person now.'],
  ['30450', 'POLICY_CAPPED', false, 'Twilio took the message for traffic pumping.'],
  ['14107 20429 21611 30001 30022 63017 63018', 'RATE_LIMITED', true, 'More was sent than the account or sender may send.'],
  ['30023 30027 63038', 'RATE_LIMITED', false, 'The cap of the day is reached.'],
  ['20003 20005 20006 20008 20403 30002 30037 63112', 'SENDER_MISCONFIGURED', false, 'Twilio refuses the credentials or the account.'],
  ['14111 21219 21608 30044', 'SENDER_MISCONFIGURED', false, 'A trial account may not send this.'],
  ['21408 63058', 'SENDER_MISCONFIGURED', false, 'The account may not send to this country.'],
  ['21609', 'SENDER_MISCONFIGURED', false, 'Twilio cannot use our callback address (PUBLIC_URL).'],
  ['21212 21601 21603 21606 21659 21660', 'SENDER_MISCONFIGURED', false, 'The sender is missing, not ours, or cannot send here.'],
  ['21701 21702 21703 21704 21705 21712', 'SENDER_MISCONFIGURED', false, 'The Messaging Service is missing, empty or unavailable.'],
  ['30018 30024 30032 30033 30034', 'SENDER_MISCONFIGURED', false, 'The sender is not registered for this route.'],
  ['63001 63007 63008 63020 63051 63062', 'SENDER_MISCONFIGURED', false, 'The WhatsApp sender is not set up or is locked.'],
  ['30017 30020 30021 30410', 'PROVIDER_UNAVAILABLE', true, 'The carrier is congested or did not answer Twilio.'],
  ['20500 20503 63009 63010 63012', 'PROVIDER_UNAVAILABLE', true, 'Twilio or WhatsApp failed inside.'],
  ['30036', 'TIMEOUT', false, 'The validity of the message ended before the carrier took it.'],
  ['20001 20404 20422 21624 30010 30409 35114 35115 35117 90007', 'UNKNOWN', false, 'The request does not fit what Twilio allows.'],
  ['30008', 'UNKNOWN', 'once', 'The carrier gave no reason.'],
];

/** Of those, what is no matter of one sender, country or person. */
const OF_ACCOUNT: ReadonlySet<string> = new Set(['20003', '20005', '20006', '20008', '20403', '21609']);

const BY_CODE = new Map(ROWS.flatMap(([codes, ...what]) => codes.split(' ').map((code) => [code, what] as const)));

/** What a code of Twilio means, of an answer or of a receipt. */
export function classify(code: string | null): NonNullable<Receipt['error']> {
  const [kind, retryable, message] = (code !== null && BY_CODE.get(code)) || unlisted(code);
  return { kind, retryable, code, message };
}

/** New codes appear all the time: 30xxx are faults on the way to the phone, the others are refusals. */
function unlisted(code: string | null): [kind: ErrorKind, retry: Retry, message: string] {
  if (code === null) return ['UNKNOWN', false, 'Twilio gave no reason.'];
  return ['UNKNOWN', /^30\d{3}$/.test(code) ? 'once' : false, `Twilio refused or lost the message (${code}).`];
}

/** From whatever the SDK threw during a call. Neither `cause` nor text is kept: both may hold numbers or credentials. */
export function toProviderError(thrown: unknown, call: TwilioCall): ProviderError {
  const { status, code } = thrown as { status?: number; code?: number };
  if (typeof status === 'number') return refused(status, code ? String(code) : null, call);
  const reason = thrown instanceof NoAnswer ? thrown.code : call.written ? 'UNREADABLE_ANSWER' : 'NOT_SENT';
  if (!call.written)
    return new ProviderError('Twilio could not be reached; nothing was sent.', 'PROVIDER_UNAVAILABLE', {
      answered: true,
      retryable: true,
      code: reason,
    });
  return unanswered(reason, reason === 'TIMEOUT' || reason === 'ABORTED' ? 'TIMEOUT' : 'PROVIDER_UNAVAILABLE');
}

function refused(status: number, code: string | null, { retryAfterSeconds }: TwilioCall): ProviderError {
  // A 429 is never processed, whatever its code. A 408 comes from a machine in front, which cannot know.
  if (status === 429)
    return new ProviderError('More was sent than the account or sender may send.', 'RATE_LIMITED', {
      answered: true,
      retryable: true,
      code: code ?? 'HTTP_429',
      retryAfterSeconds,
    });
  if (status < 400 || status >= 500 || status === 408) return unanswered(code ?? `HTTP_${status}`, 'PROVIDER_UNAVAILABLE');
  const { kind, retryable, message } = classify(code);
  const denied = status === 401 || status === 403;
  // With a code that is not listed, a 403 may be about this message alone.
  const ofAccount = code === null ? denied : status === 401 || OF_ACCOUNT.has(code);
  return new ProviderError(message, kind === 'UNKNOWN' && denied ? 'SENDER_MISCONFIGURED' : kind, {
    answered: true,
    retryable,
    code: code ?? `HTTP_${status}`,
    ofAccount,
  });
}

const unanswered = (code: string, kind: ErrorKind): ProviderError =>
  new ProviderError('Twilio gave no proper answer; it may have the message.', kind, { answered: false, retryable: true, code });
