import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintTemplate } from '../../../src/templates/lint/lint-template.js';

export interface LabelledText {
  isPhi: boolean;
  language: string;
  body: string;
}

interface Judgement {
  texts: number;
  /** Of the texts that it flags, how many are PHI. */
  precision: number;
  /** Of the texts that are PHI, how many it flags. */
  recall: number;
  /** Of the texts that are PHI, how many cannot be published. */
  blocked: number;
  mistakes: string[];
}

/** Lines of label, language and text, separated by tabs. */
export const labelledTexts = (list: 'tuned' | 'held-out'): LabelledText[] =>
  readFileSync(join(import.meta.dirname, `${list}.tsv`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [label, language = '', body = ''] = line.split('\t');
      return { isPhi: label === 'phi', language, body };
    });

export function judge(texts: LabelledText[]): Judgement {
  const judged = texts.map((text) => ({ ...text, worst: worstOf(text) }));
  const flagged = judged.filter(({ worst }) => worst !== null);
  const phi = judged.filter(({ isPhi }) => isPhi);
  const found = flagged.filter(({ isPhi }) => isPhi).length;
  return {
    texts: texts.length,
    precision: found / flagged.length,
    recall: found / phi.length,
    blocked: phi.filter(({ worst }) => worst === 'ERROR').length / phi.length,
    mistakes: judged
      .filter(({ isPhi, worst }) => isPhi !== (worst !== null))
      .map(({ isPhi, body }) => `${isPhi ? 'missed' : 'false alarm'}: ${body}`),
  };
}

/** The gravest finding about health information; a warning counts, a note does not. */
function worstOf({ language, body }: LabelledText): 'ERROR' | 'WARNING' | null {
  const translations = [{ language, channel: null, subject: null, body }];
  const issues = lintTemplate({ code: 'labelled', category: 'UTILITY', channels: ['SMS'], variables: [], translations });
  const severities = issues.filter(({ code }) => code.startsWith('PHI_')).map(({ severity }) => severity);
  return severities.includes('ERROR') ? 'ERROR' : severities.includes('WARNING') ? 'WARNING' : null;
}
