import { validateRequest, validateRequestWithBody } from 'twilio/lib/webhooks/webhooks.js';
import { AppError } from '../../../errors.js';
import type { WebhookRequest } from '../../provider.js';

/** The form of a request that Twilio signed with this token. Throws AppError INVALID_SIGNATURE. */
export function verifiedForm(authToken: string, request: WebhookRequest): URLSearchParams {
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
    if (new URL(url).searchParams.has('bodySHA256')) return validateRequestWithBody(authToken, signature, url, rawBody);
    return validateRequest(authToken, signature, url, parametersOf(form));
  } catch {
    return false;
  }
}

function parametersOf(form: URLSearchParams): Record<string, string[]> {
  // Without a prototype, so that a parameter may have any name.
  const parameters = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of form) (parameters[name] ??= []).push(value);
  return parameters;
}
