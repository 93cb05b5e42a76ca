import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../../errors.js';
import { isMoment } from '../../platform/moment.js';
import { Channel, MessageCategory } from '../../vocabulary.js';
import type { BatchTerms } from '../batch-terms.js';
import { canonicalLanguage } from './language.js';

/** What is wrong with a parameter of which there can be one: where it stands twice, nothing else. */
const once = (expected: string) => ({
  error: ({ input }: { input?: unknown }) => (Array.isArray(input) ? 'Given more than once.' : expected),
});
const one = (expected: string) => z.string(once(expected));
const oneOf = <T extends Record<string, string>>(values: T) => z.enum(values, once(`One of ${Object.values(values).join(', ')}.`));

const Parameters = z.strictObject({
  name: one('1 to 200 characters, for people.'),
  body: one('The text of the message.').optional(),
  template: one('The code of one template.').optional(),
  channels: z
    .union([z.string().transform((list) => list.split(',')), z.array(z.string())])
    .pipe(z.array(oneOf(Channel)))
    .default([Channel.SMS]),
  category: oneOf(MessageCategory).default(MessageCategory.UTILITY),
  language: one('One language tag.').transform(canonicalLanguage).optional(),
  topic: one('One topic.').optional(),
  sendAt: z.iso
    .datetime({ offset: true, ...once('A time with its zone, e.g. 2026-11-20T09:30:00Z.') })
    .transform((time) => new Date(time))
    .refine(isMoment, 'A time of the years 1 to 9999 in UTC.')
    .optional(),
  maxCost: one('One amount, e.g. 25.50.').optional(),
  idempotencyKey: one('One key.').optional(),
});

/** The query of `POST /batches`. Throws one Refusal that names every parameter that cannot be read. */
export function batchTermsOf({ query, headers }: FastifyRequest): BatchTerms {
  const given = query as Record<string, unknown>;
  const header = headers['idempotency-key'];
  if (header !== undefined && given['idempotencyKey'] !== undefined && header !== given['idempotencyKey'])
    throw new Refusal('INVALID_INPUT', 'The header Idempotency-Key and the parameter are not the same.', ['idempotencyKey']);
  const { data, error } = Parameters.safeParse(header === undefined ? given : { ...given, idempotencyKey: header });
  if (error) throw new Refusal(error.issues.flatMap(problemsOf));
  return {
    name: data.name,
    body: data.body ?? null,
    template: data.template ?? null,
    channels: data.channels,
    category: data.category,
    language: data.language ?? null,
    topic: data.topic ?? null,
    sendAt: data.sendAt ?? null,
    maxCost: data.maxCost ?? null,
    idempotencyKey: data.idempotencyKey ?? null,
  };
}

function problemsOf(issue: z.core.$ZodIssue): Refusal['reasons'] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({ code: 'INVALID_INPUT', message: 'There is no such parameter.', field: [name] }));
  return [{ code: 'INVALID_INPUT', message: issue.message, field: issue.path.map(String) }];
}
