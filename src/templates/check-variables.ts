import { Refusal } from '../errors.js';
import type { Variables } from './template-text.js';

const LARGEST = 16_000;

/** Throws Refusal INVALID_INPUT. */
export function checkVariables(variables: Variables): void {
  if (JSON.stringify(variables).length > LARGEST)
    throw new Refusal('INVALID_INPUT', 'All variables together have at most 16,000 characters as JSON.', ['variables']);
}
