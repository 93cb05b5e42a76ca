import { Refusal } from '../../src/errors.js';

/** Code and path of everything that the check refuses. */
export function faultsOf(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.reasons.map(({ code, field }) => [code, ...field].join(' '));
  }
}
