import type { TemplateIssue } from '../template-issue.js';
import { VALUE } from './body-text.js';
import { SHORTENERS } from './data/links.js';
import { issueAt, LintCode, type ReadText } from './lint-input.js';

const LINK = new RegExp(String.raw`(?<![\p{L}\d.-])(?:https?:\/\/)?(?:[\p{L}\d-]+\.)+\p{L}{2,}(?:[/?#][^\s<>"']*)?`, 'giu');
/** Says in the link whose record it opens. */
const OF_A_PATIENT = new RegExp(
  String.raw`[/?&#](?:patients?|mrn|charts?|records?|members?|subscribers?|results?|dob|ssn)(?:[-_]?id)?(?:[/=]|%3D)(?:${VALUE}|[\p{L}-]*\d)`,
  'iu',
);

/** Shortened links, and links that tell whose record they open. */
export function linkRule(text: ReadText): TemplateIssue[] {
  return [...text.text.matchAll(LINK)].flatMap(({ 0: link, index }) => {
    const host = link
      .replace(/^https?:\/\//i, '')
      .split(/[/?#]/)[0]!
      .toLowerCase()
      .replace(/^www\./, '');
    if (SHORTENERS.has(host))
      return [
        issueAt(
          text,
          index,
          'WARNING',
          LintCode.SHORTENED_LINK,
          `${host} shortens links: carriers block such messages. Use a link of your own.`,
        ),
      ];
    if (OF_A_PATIENT.test(link))
      return [issueAt(text, index, 'ERROR', LintCode.PHI_LINK, 'The link names a patient. Use one that says nothing and asks to sign in.')];
    return [];
  });
}
