import { z } from 'zod';

/** The JSON that the provider and the simulator exchange. */

const Price = z.object({ amount: z.string().regex(/^\d{1,12}(\.\d{1,6})?$/), currency: z.string() });
const httpUrl = z.string().regex(/^https?:\/\/\S+$/);
const SimulatedChannel = z.enum(['SMS', 'WHATSAPP']);

/** POST /messages */
export const MessageRequest = z.object({
  id: z.string().min(1).max(100),
  attempt: z.int().positive(),
  channel: SimulatedChannel,
  to: z.string(),
  from: z.string().nullable(),
  body: z.string(),
  mediaUrls: z.array(z.string()),
  callbackUrl: httpUrl,
  /** Where answers to our messages go; remembered for POST /incoming. */
  incomingUrl: httpUrl.optional(),
});
export type MessageRequest = z.output<typeof MessageRequest>;

/** 201 of POST /messages */
export const MessageAccepted = z.object({ sid: z.string(), status: z.literal('accepted'), segments: z.int(), price: Price });
export type MessageAccepted = z.output<typeof MessageAccepted>;

/** Body of a receipt. Repeats of a report are equal. */
export const Report = z.object({
  sid: z.string(),
  /** Open, as with any provider: a word unknown to us must not fail the webhook. */
  status: z.string(),
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
  segments: z.int32(),
  price: Price,
  /** ISO 8601 */
  at: z.string(),
});
export type Report = z.output<typeof Report>;

/** 200 of GET /messages/:sid and GET /messages?id=…&attempt=… */
export const MessageState = Report.extend({ id: z.string(), attempt: z.int() });
export type MessageState = z.output<typeof MessageState>;

/** 404 of the same. The simulator keeps the newest only: of a message taken before `remembersSince` (unix ms) it proves nothing. */
export const MessageNotFound = z.object({ code: z.literal('not_found'), message: z.string(), remembersSince: z.number() });
export type MessageNotFound = z.output<typeof MessageNotFound>;

/** POST /incoming, for tests and demonstrations: a person writes to us. Without incomingUrl the last one heard of is called. */
export const IncomingRequest = z.object({
  channel: SimulatedChannel,
  from: z.string(),
  to: z.string(),
  body: z.string().nullable().default(null),
  mediaUrls: z.array(z.string()).default([]),
  /** As if the carrier had acted on it by itself. */
  optOutType: z.enum(['STOP', 'START', 'HELP']).optional(),
  profileName: z.string().optional(),
  incomingUrl: httpUrl.optional(),
});
export type IncomingRequest = z.output<typeof IncomingRequest>;

/** Body of the inbound webhook. */
export const Incoming = IncomingRequest.omit({ incomingUrl: true }).extend({ sid: z.string() });
export type Incoming = z.output<typeof Incoming>;

/** Every answer of 4xx and 5xx. */
export const Problem = z.object({ code: z.string(), message: z.string() });
export type Problem = z.output<typeof Problem>;
