import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { contactCommands } from '../../src/cli/commands/contact.js';
import { keysCommands } from '../../src/cli/commands/keys.js';
import { commandLine } from '../support/command-line.js';
import { given } from '../support/given.js';
import { EXPORT, knownPerson, PERSON } from '../support/known-person.js';
import { rowsOf } from '../support/stored.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const NEW = 'ef'.repeat(32);

let run: TestApp;
beforeAll(async () => {
  run = await startTestApp();
  await knownPerson(run);
});
afterAll(() => run.stop());

const heliograph = commandLine([contactCommands, keysCommands], () => run.env);

describe('contact export', () => {
  test('writes the document that the API answers', async () => {
    const { out, code } = await heliograph('contact', 'export', '--tenant', 'demo', '--external-id', PERSON.externalId);
    expect(code).toBe(0);
    const { data } = (await run.api.mutate(EXPORT, { contact: { externalId: PERSON.externalId } })).exportContact;
    const written = JSON.parse(out);
    // The export itself is written down as well.
    for (const document of [written, data]) for (const key of ['exportedAt', 'auditEntries']) delete document[key];
    expect(written).toEqual(data);
  });

  test('says whom nobody knows', async () => {
    const { out, err, code } = await heliograph('contact', 'export', '--tenant', 'demo', '--external-id', 'nobody');
    expect({ out, code }).toEqual({ out: '', code: 1 });
    expect(err).toContain('There is no such contact.');
  });
});

describe('keys', () => {
  test('status tells what is under which key, and rotate brings all under the first', async () => {
    await given.delivered(run.api);
    const before = await heliograph('keys', 'status');
    expect(before.out).toMatch(/^messages +[0-9a-f]{8} newest \d+$/m);
    vi.stubEnv('ENCRYPTION_KEY', `${NEW},${run.env['ENCRYPTION_KEY']}`);
    expect((await heliograph('keys', 'status')).out).not.toContain('newest');
    const { out, err, code } = await heliograph('keys', 'rotate');
    expect({ out, code }).toEqual({ out: expect.stringMatching(/^\d+ values encrypted again\.\n$/), code: 0 });
    expect(err).toMatch(/^messages: \d+$/m);
    expect((await heliograph('keys', 'status')).out).not.toContain('older');
    expect(await rowsOf(run, `select actor from audit_entries where action = 'keys.rotated'`)).toEqual([{ actor: 'command line' }]);
  });
});
