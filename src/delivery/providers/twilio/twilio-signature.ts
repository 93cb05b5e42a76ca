import { timingSafeEqual } from 'node:crypto';
import { getExpectedTwilioSignature, validateRequest, validateRequestWithBody } from 'twilio/lib/webhooks/webhooks.js';
import { AppError } from '../../../errors.js';
import type { WebhookRequest } from '../../provider.js';

/** Twilio sends some thirty, with ten media. */
const MOST_PARAMETERS = 300;

/** The form of a request that Twilio signed with this token. Throws AppError INVALID_SIGNATURE. */
export function verifiedForm(authToken: string, request: WebhookRequest): URLSearchParams {
  // Not asked of the parsed form: parsing takes a time that grows with the square of their number, and a stranger's form is parsed too.
  if (request.rawBody.split('&', MOST_PARAMETERS + 1).length > MOST_PARAMETERS)
    throw new AppError('INVALID_SIGNATURE', 'The form has more parameters than Twilio would sign.');
  const form = new URLSearchParams(request.rawBody);
  if (!isSigned(authToken, request, form)) throw new AppError('INVALID_SIGNATURE', 'X-Twilio-Signature is missing or wrong.');
  return form;
}

function isSigned(authToken: string, { url, headers, rawBody }: WebhookRequest, form: URLSearchParams): boolean {
  const signature = headers['x-twilio-signature'];
  if (typeof signature !== 'string' || signature === '') return false;
  // The SDK throws on a URL that is none.
  try {
    // A body that is no form is signed by its hash in the URL.
    if (hasBodyHash(url)) return validateRequestWithBody(authToken, signature, url, rawBody);
    const parameters = parametersOf(form);
    // Nearly always it is the address as we gave it, which the SDK asks for last where it has a port; it would take twice as long.
    if (isSame(signature, getExpectedTwilioSignature(authToken, url, parameters))) return true;
    return validateRequest(authToken, signature, url, parameters);
  } catch {
    return false;
  }
}

// The address is a stranger's too: its parameters are not parsed before it is known to be signed.
const hasBodyHash = (url: string): boolean => /[?&]bodySHA256=/.test(url);

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function parametersOf(form: URLSearchParams): Record<string, string | string[]> {
  // Without a prototype, so that a parameter may have any name.
  const parameters = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of form) {
    const before = parameters[name];
    // A list of one would be sorted like any other.
    if (before === undefined) parameters[name] = value;
    else if (typeof before === 'string') parameters[name] = [before, value];
    else before.push(value);
  }
  return parameters;
}
