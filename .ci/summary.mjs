// Prints what failed and "N passed, N failed" from vitest's JSON report: `node .ci/summary.mjs <report> <exit code of vitest>`.
import { readFileSync } from 'node:fs';

const [path, exitCode] = process.argv.slice(2);

/** A run that broke down before it could report has no JSON. */
function readReport() {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { numPassedTests: 0, testResults: [] };
  }
}

const { numPassedTests, testResults } = readReport();
const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  // A file that cannot be loaded fails without a failed test.
  if (status === 'failed' && failed.length === 0) return [{ what: name, why: message }];
  return failed.map((test) => ({ what: `${name}: ${test.fullName}`, why: test.failureMessages.join('\n') }));
});
if (failures.length === 0 && exitCode !== '0')
  failures.push({ what: `vitest ended with exit code ${exitCode}`, why: 'See its output above.' });

for (const { what, why } of failures) console.log(`FAILED ${what}\n${why.replace(/^/gm, '  ')}`);
console.log(`${numPassedTests} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
