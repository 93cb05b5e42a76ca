import type { TemplateIssue } from '../template-issue.js';
import { foldInPlace } from './fold-word.js';
import { issueAt, LintCode, type ReadText } from './lint-input.js';

const EMAIL = /(?<![\p{L}\d._%+-])[\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)+/gu;
const NUMBER = /(?<![\p{L}\d./:-])\+?\d(?:[ ().-]?\d){8,14}(?![\p{L}\d/])/gu;
/** The sender invites to get in touch. */
const INVITES =
  /(?<!\p{L})(?:call|ring|phone us|dial|te?xt|whatsapp|telephone|freephone|helpline|customer|services?|claim|opt ?out|speak to|contact|write|email us|e-mail us|reach us|tel|hotline|اتصل|اتصلوا|للتواصل|تواصل|راسلنا|على الرقم|هاتف|llame|llámenos|escriba|contacte|appelez|contactez|écrivez|कॉल|फोन|संपर्क|लिखें)(?!\p{L})/giu;
const OF_A_PATIENT =
  /(?<!\p{L})(?:patients?(?:'s)?|المريض|للمريض|مريض|paciente|मरीज)(?!\p{L})|(?<!\p{L})(?:your (?:phone|mobile|email|fax)(?: number)?|رقم جوالك|جوالك|هاتفك|بريدك)(?: is|:)? {0,3}(?=[+\d\p{L}]*[\d@])/giu;
const ROLE = /^(?:info|support|help|contact|hello|billing|office|reception|appointments|bookings|service|care|no-?reply|team|privacy)@/i;

/** Phone numbers and addresses in the text: the sender's own are fine, a person's are not. */
export function contactRule(text: ReadText): TemplateIssue[] {
  // What invites stands in the text that they are filled into.
  if (text.part === 'providerRefs') return [];
  const folded = foldInPlace(text.text).replace(/https?:\/\/\S+/g, (link) => ' '.repeat(link.length));
  // Looked for once: a line of thousands of numbers would be read again for each of them.
  const beside = (pattern: RegExp): ((index: number) => boolean) => {
    const places = [...folded.matchAll(pattern)].map((match) => match.index);
    return (index) => {
      const lineStart = folded.lastIndexOf('\n', index);
      return places.some((place) => place >= lineStart && place < index + 90);
    };
  };
  const isOfAPatient = beside(OF_A_PATIENT);
  const isInvited = beside(INVITES);
  const judge = (found: string, index: number, what: string): TemplateIssue[] => {
    if (isOfAPatient(index))
      return [issueAt(text, index, 'ERROR', LintCode.PHI_CONTACT, `${found} looks like ${what} of a patient. Leave it out.`)];
    if (isInvited(index) || ROLE.test(found)) return [];
    return [
      issueAt(
        text,
        index,
        'WARNING',
        LintCode.PHI_CONTACT,
        `${found} looks like ${what}. Say whose it is, as in "call us on …", or leave it out.`,
      ),
    ];
  };
  return [
    ...[...folded.matchAll(EMAIL)].flatMap(({ 0: found, index }) => judge(found, index, 'the address')),
    ...[...folded.matchAll(NUMBER)]
      .filter(({ 0: found }) => !isDateLike(found))
      .flatMap(({ 0: found, index }) => judge(found, index, 'the number')),
  ];
}

/** Times, groups of four and hyphenated forms are other rules' business. */
const isDateLike = (found: string): boolean =>
  /^\d{4}-\d\d-\d\d/.test(found) || /^\d{4}[ -]\d{4}[ -]\d{4}/.test(found) || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(found);
