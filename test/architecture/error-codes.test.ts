import { expect, test } from 'vitest';
import { AppError, ErrorCode, UserErrorCode } from '../../src/errors.js';
import { ErrorKind } from '../../src/messages/delivery-error.js';

/** That each has its entry in docs/errors.md is asked in docs.test.ts. */
test.each([UserErrorCode, ErrorCode, ErrorKind])('a code is spelled as its name', (codes) => {
  for (const [name, code] of Object.entries(codes)) expect(code).toBe(name);
});

test.each(Object.values(ErrorCode))('%s has the HTTP status of an error', (code) => {
  expect(new AppError(code, '').httpStatus).toBeGreaterThanOrEqual(400);
  expect(new AppError(code, '').httpStatus).toBeLessThan(600);
});
