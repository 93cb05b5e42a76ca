import { expect, test } from 'vitest';
import { classify } from '../../src/consent/keywords/keyword-intent.js';
import { LIBRARY } from '../../src/templates/library/library.js';

const ANSWERS: Record<string, string[]> = {
  CONFIRM: ['YES', 'نعم', 'हाँ', 'SI', 'OUI'],
  CANCEL: ['NO', 'لا', 'नहीं', 'NO', 'NON'],
  OPT_OUT: ['STOP', 'إيقاف', 'STOP', 'STOP', 'STOP'],
  OPT_IN: ['START', 'ابدأ', 'शुरू', 'INICIAR', 'DEBUT'],
  HELP: ['HELP', 'مساعدة', 'मदद', 'AYUDA', 'AIDE'],
};
const PLACES: [string, string[]][] = [
  ['appointment_reminder_24h', ['CONFIRM', 'CANCEL']],
  ['appointment_rescheduled', ['CONFIRM', 'CANCEL']],
  ['appointment_slot_open', ['CONFIRM', 'CANCEL']],
  ['opt_in_request', ['CONFIRM', 'OPT_OUT']],
  ['opt_in_confirmation', ['HELP', 'OPT_OUT']],
  ['opt_out_confirmation', ['OPT_IN']],
  ['help_answer', ['OPT_OUT']],
  ['win_back', ['OPT_OUT']],
];

test.each(PLACES)('whoever answers %s with the words that it asks for is understood', (code, intents) => {
  const { translations } = LIBRARY.find((template) => template.code === code)!;
  for (const intent of intents)
    for (const [i, answer] of ANSWERS[intent]!.entries()) {
      expect(translations[i]!.body).toContain(answer);
      expect(classify(answer, { questionOpen: code.startsWith('appointment') }).intent).toBe(intent);
    }
});
