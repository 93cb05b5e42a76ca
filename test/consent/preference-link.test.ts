import { createSecretKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { PreferenceLink } from '../../src/consent/preference-link.js';
import { BlindIndex } from '../../src/platform/encryption/blind-index.js';
import { newId } from '../../src/platform/ids.js';

const index = (byte: number) => new BlindIndex(createSecretKey(Buffer.alloc(32, byte)));
const TENANT = newId();
const linked = { contactId: newId(), expiresAt: new Date('2026-06-01T00:00:00.123Z') };
const BEFORE = new Date(linked.expiresAt.getTime() - 1);

test('a token opens its contact until its time, to the millisecond', () => {
  const links = new PreferenceLink(index(1));
  const token = links.mint(TENANT, linked);
  expect(links.read(TENANT, token, BEFORE)).toEqual(linked);
  expect(links.read(TENANT, token, linked.expiresAt)).toBeNull();
});

test('a token of another installation opens nothing', () => {
  const token = new PreferenceLink(index(1)).mint(TENANT, linked);
  expect(new PreferenceLink(index(2)).read(TENANT, token, BEFORE)).toBeNull();
});
