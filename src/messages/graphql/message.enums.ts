import 'reflect-metadata';
import { registerEnumType } from 'type-graphql';
import { PolicyRule } from '../../consent/policy-gate.js';
import { ErrorKind } from '../delivery-error.js';
import { EventSource } from '../message-event.js';
import { MessageStatus } from '../message-status.js';
import { SmsEncoding } from '../../templates/segments.js';

registerEnumType(MessageStatus, {
  name: 'MessageStatus',
  description: 'Only ever moves forward, by our own steps and by what the provider reports; FAILED and EXPIRED ones can be retried',
  valuesConfig: {
    SCHEDULED: { description: 'Waits for its time: sendAt, or the end of quiet hours' },
    QUEUED: { description: 'Accepted and durable; waits for a worker, or for its next attempt' },
    SENDING: { description: 'Claimed by a worker; the provider call is under way' },
    UNCONFIRMED: {
      description:
        'The provider call ended without an answer (timeout, crash, cut connection), so the provider may have it. Never sent again blindly: a callback or a look-up at the provider decides, and only then is it SENT or QUEUED.',
    },
    SENT: { description: 'The provider has taken it' },
    DELIVERED: { description: 'The provider has reported that it arrived' },
    READ: { description: 'The person has opened it: WhatsApp only' },
    FAILED: { description: 'Will not be tried again by itself: the dead letters' },
    CANCELLED: { description: 'Withdrawn by a caller before it was sent' },
    SUPPRESSED: { description: 'Held back by a rule that has forbidden it since it was accepted: explanation says which' },
    EXPIRED: { description: 'Its validity ended before it could be sent; or it is a code, and its provider never answered' },
  },
});
registerEnumType(SmsEncoding, {
  name: 'SmsEncoding',
  valuesConfig: {
    GSM7: { description: 'Latin and Greek capitals: 160 characters in one segment, 153 in each of several; some count two' },
    UCS2: { description: 'Any character: 70 in one segment, 67 in each of several; emoji count two and more' },
  },
});
registerEnumType(EventSource, {
  name: 'EventSource',
  description: 'What caused a change',
  valuesConfig: {
    API: { description: 'A caller: see actor' },
    WORKER: { description: 'The process that sends' },
    WEBHOOK: { description: "A provider's receipt" },
    POLL: { description: 'A look-up at the provider' },
    SCHEDULER: { description: 'The clock: what was due, expired or left behind' },
    CONTACT: { description: 'The person: their STOP or their page of preferences stopped it, or it answers what they wrote' },
  },
});
registerEnumType(PolicyRule, {
  name: 'PolicyRule',
  description: 'What a send is checked against. All are asked, in the order that docs/policy.md has, and the first that forbids decides',
  valuesConfig: {
    TENANT_ENABLED: { description: 'Messaging is switched on, for the server and for the tenant' },
    COUNTRY: { description: "The number's country is among the tenant's allowedCountries" },
    SUPPRESSION: { description: 'The address has not been opted out' },
    CONSENT: { description: 'The person agrees to the category on the channel, or has not objected where that is enough' },
    PREFERENCE: { description: 'The person wants to hear of the topic on the channel' },
    FREQUENCY_CAP: { description: "The tenant's frequencyCaps allow the person one more of the category" },
    SESSION_WINDOW: { description: 'WhatsApp: it is a template, or the person has written within 24 hours' },
    BUDGET: { description: 'No budget with hardStop is used up' },
    QUIET_HOURS: { description: "It is not in the person's quiet hours" },
    VALIDITY: { description: 'expiresAt has not passed' },
  },
});
registerEnumType(ErrorKind, {
  name: 'ErrorKind',
  description: 'Why a message was not taken or not delivered, in words that are the same for every provider',
  valuesConfig: {
    INVALID_RECIPIENT: { description: 'The number does not exist, or cannot receive this kind of message' },
    UNREACHABLE: { description: 'The phone is off or out of coverage, or no route leads to it' },
    OPTED_OUT: { description: 'The person has told the provider to stop' },
    CARRIER_BLOCKED: { description: 'The carrier or the phone refused it' },
    CONTENT_REJECTED: { description: 'The text or the media are not allowed, too long or too large' },
    TEMPLATE_REJECTED: { description: "The provider's template is missing, paused or does not fit" },
    SESSION_WINDOW_CLOSED: { description: 'WhatsApp: the person last wrote more than 24 hours ago, so only a template may be sent' },
    RATE_LIMITED: { description: 'More was sent than the account or sender may send' },
    PROVIDER_UNAVAILABLE: { description: 'The provider failed, could not be reached, or none is healthy' },
    TIMEOUT: { description: 'No answer in time' },
    UNKNOWN: { description: "None of the others: see the provider's code" },
    POLICY_CAPPED: { description: "The provider's own cap on this person (wait a day), not our rate" },
    SENDER_MISCONFIGURED: { description: 'Credentials, sender or account: every message on this sender would fail' },
  },
});
