import type { KeywordList } from './keyword-list.js';
import { ARABIC } from './keywords.ar.js';
import { ENGLISH } from './keywords.en.js';
import { FRENCH } from './keywords.fr.js';
import { HINDI } from './keywords.hi.js';
import { SPANISH } from './keywords.es.js';

/** Where a word is in several lists, the first has it. */
export const KEYWORD_LISTS: readonly KeywordList[] = [ENGLISH, ARABIC, HINDI, SPANISH, FRENCH];

/** Understood everywhere, so that they tell nothing of the language that a person reads. */
export const INTERNATIONAL: readonly string[] = [
  'stop',
  'stopall',
  'start',
  'unstop',
  'help',
  'info',
  'ok',
  'yes',
  'no',
  'cancel',
  'stop sms',
];
