import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/config.js';
import { BlindIndex } from '../../../src/platform/encryption/blind-index.js';

const OLD = new Secret('0a'.repeat(32));
const NEW = new Secret('0b'.repeat(32));

describe('BlindIndex', () => {
  const index = new BlindIndex([OLD]);

  test('equal values of a tenant have equal hashes of 16 bytes', () => {
    expect(index.hash('tenant', '+966500000567')).toHaveLength(16);
    expect(index.hash('tenant', '+966500000567')).toEqual(new BlindIndex([OLD]).hash('tenant', '+966500000567'));
  });

  test.each([
    ['another value', 'tenant', '+966500000568'],
    ['another tenant', 'tenant2', '+966500000567'],
    ['the same characters, divided elsewhere', 'tenant+', '966500000567'],
  ])('%s has another hash', (_name, tenantId, value) => {
    expect(index.hash(tenantId, value)).not.toEqual(index.hash('tenant', '+966500000567'));
  });

  test('after a rotation values are stored by the new key and found by both', () => {
    const rotated = new BlindIndex([NEW, OLD]);
    const [byNew, byOld] = rotated.hashes('tenant', 'value');
    expect(rotated.hash('tenant', 'value')).toEqual(byNew);
    expect(index.hash('tenant', 'value')).toEqual(byOld);
    expect(byNew).not.toEqual(byOld);
  });

  test('without a key there is no index', () => {
    expect(() => new BlindIndex([])).toThrow('A BlindIndex needs at least one key.');
  });
});
