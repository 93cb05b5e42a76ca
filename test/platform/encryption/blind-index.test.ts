import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { BlindIndex } from '../../../src/platform/encryption/blind-index.js';

const key = (byte: number) => createSecretKey(Buffer.alloc(32, byte));

describe('BlindIndex', () => {
  const index = new BlindIndex(key(1));

  test('equal values of a tenant have equal hashes of 16 bytes', () => {
    expect(index.hash('tenant', '+966500000567')).toHaveLength(16);
    expect(index.hash('tenant', '+966500000567')).toEqual(new BlindIndex(key(1)).hash('tenant', '+966500000567'));
  });

  test.each([
    ['another value', 'tenant', '+966500000568'],
    ['another tenant', 'tenant2', '+966500000567'],
    ['the same characters, divided elsewhere', 'tenant+', '966500000567'],
  ])('%s has another hash', (_name, tenantId, value) => {
    expect(index.hash(tenantId, value)).not.toEqual(index.hash('tenant', '+966500000567'));
  });

  test('another key makes another hash', () => {
    expect(new BlindIndex(key(2)).hash('tenant', 'value')).not.toEqual(index.hash('tenant', 'value'));
  });
});
