import type { ContactRef } from '../contacts/contact.service.js';
import { Refusal } from '../errors.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import { invalid, problemsOfScope } from './consent-terms.js';

export interface OptInInput {
  contact: ContactRef;
  channel: Channel;
  categories: MessageCategory[];
  /** What the person is asked to agree to. */
  statement: string;
  language: string | null;
  /** With {token} in it. */
  confirmUrl: string | null;
  validSeconds: number;
}

const LONGEST_STATEMENT = 1_000;
const LONGEST_URL = 500;
const LONGEST_SECONDS = 30 * 86_400;
const PLACE = '{token}';

/** Throws one Refusal with everything that is wrong. */
export function checkOptIn(input: OptInInput): OptInInput {
  const statement = input.statement.trim();
  const { validSeconds, confirmUrl, categories } = input;
  const problems = [
    ...problemsOfScope({ channels: [input.channel], categories }),
    ...(statement === '' || statement.length > LONGEST_STATEMENT ? [invalid(`1 to ${LONGEST_STATEMENT} characters.`, 'statement')] : []),
    ...(validSeconds < 60 || validSeconds > LONGEST_SECONDS ? [invalid(`From 60 to ${LONGEST_SECONDS} seconds.`, 'validSeconds')] : []),
    ...(confirmUrl !== null && !isTemplate(confirmUrl)
      ? [invalid(`A web address of at most ${LONGEST_URL} characters with ${PLACE} in it.`, 'confirmUrl')]
      : []),
  ];
  if (problems.length > 0) throw new Refusal(problems);
  return { ...input, statement, categories: [...new Set(categories)] };
}

const isTemplate = (url: string): boolean =>
  url.length <= LONGEST_URL && url.includes(PLACE) && /^https?:$/.test(URL.parse(linkTo(url, 'token'))?.protocol ?? '');

export const linkTo = (template: string, token: string): string => template.replaceAll(PLACE, token);
