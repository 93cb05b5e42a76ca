import { expect, test } from 'vitest';
import { PreferenceLink } from '../../src/consent/preference-link.js';
import { BlindIndex } from '../../src/platform/encryption/blind-index.js';
import { newId } from '../../src/platform/ids.js';
import { Secret } from '../../src/secret.js';

const [OLD, NEW] = [new Secret('ab'.repeat(32)), new Secret('cd'.repeat(32))];
const TENANT = newId();
const linked = { contactId: newId(), expiresAt: new Date('2026-06-01T00:00:00.123Z') };
const BEFORE = new Date(linked.expiresAt.getTime() - 1);

test('a token opens its contact until its time, to the millisecond', () => {
  const links = new PreferenceLink(new BlindIndex([OLD]));
  const token = links.mint(TENANT, linked);
  expect(links.read(TENANT, token, BEFORE)).toEqual(linked);
  expect(links.read(TENANT, token, linked.expiresAt)).toBeNull();
});

test('a token outlives the change of the key, and no longer the loss of it', () => {
  const token = new PreferenceLink(new BlindIndex([OLD])).mint(TENANT, linked);
  expect(new PreferenceLink(new BlindIndex([NEW, OLD])).read(TENANT, token, BEFORE)).toEqual(linked);
  expect(new PreferenceLink(new BlindIndex([NEW])).read(TENANT, token, BEFORE)).toBeNull();
});
