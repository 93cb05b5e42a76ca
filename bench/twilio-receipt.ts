import twilio from 'twilio';
import { TWILIO_ACCOUNT, TWILIO_TOKEN } from './twilio-account.js';

/** A signed status callback of Twilio, as bytes for a connection that stays open. */
export function receiptRequest(origin: string, { id, sid, status, to }: { id: string; sid: string; status: string; to: string }): Buffer {
  const path = `/webhooks/twilio/status?m=${id}&a=1`;
  const form = {
    AccountSid: TWILIO_ACCOUNT,
    ApiVersion: '2010-04-01',
    From: '+15005550006',
    MessageSid: sid,
    MessageStatus: status,
    SmsSid: sid,
    SmsStatus: status,
    To: to,
  };
  const body = new URLSearchParams(form).toString();
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${new URL(origin).host}`,
    'Content-Type: application/x-www-form-urlencoded',
    `X-Twilio-Signature: ${twilio.getExpectedTwilioSignature(TWILIO_TOKEN, origin + path, form)}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
