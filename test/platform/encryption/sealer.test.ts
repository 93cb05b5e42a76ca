import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/config.js';
import { Sealer, UnsealError } from '../../../src/platform/encryption/sealer.js';

const OLD = new Secret('0a'.repeat(32));
const NEW = new Secret('0b'.repeat(32));
const failure = (work: () => unknown): Error => {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
};

describe('Sealer', () => {
  const sealer = new Sealer([OLD]);

  test.each([['text'], [''], ['مرحبا 😀'], [{ t: '+966500000567', m: [] }], ['x'.repeat(100_000)]])('%j comes back as it was', (plain) => {
    expect(sealer.open(sealer.seal(plain, 'tenant'), 'tenant')).toEqual(plain);
  });

  test('a sealed value holds its layout and nothing readable', () => {
    const sealed = sealer.seal('+966500000567', 'tenant');
    expect(sealed).toHaveLength(1 + 4 + 12 + 16 + '"+966500000567"'.length);
    expect(sealed[0]).toBe(1);
    expect(sealed.toString('latin1')).not.toContain('966500000567');
  });

  test('equal values are sealed differently, however many', () => {
    const sealed = Array.from({ length: 5_000 }, () => sealer.seal('same', 'tenant').toString('hex'));
    expect(new Set(sealed).size).toBe(5_000);
  });

  test('another tenant cannot open it', () => {
    const error = failure(() => sealer.open(sealer.seal('secret', 'tenant a'), 'tenant b'));
    expect(error).toBeInstanceOf(UnsealError);
    expect(error.message).toBe('A sealed value was changed, or was sealed for another tenant.');
  });

  test('a change to any byte is found', () => {
    const sealed = sealer.seal('secret', 'tenant');
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed);
      changed[i]! ^= 1;
      expect(() => sealer.open(changed, 'tenant')).toThrow(UnsealError);
    }
    expect(() => sealer.open(sealed.subarray(0, 20), 'tenant')).toThrow('This is not a sealed value.');
  });

  test('after a rotation old values open and new ones take the new key', () => {
    const rotated = new Sealer([NEW, OLD]);
    expect(rotated.open(sealer.seal('old', 'tenant'), 'tenant')).toBe('old');
    expect(() => sealer.open(rotated.seal('new', 'tenant'), 'tenant')).toThrow(UnsealError);
  });

  test('what an older key has sealed can be sealed anew, for the same use only, and to the same letter', () => {
    const rotated = new Sealer([NEW, OLD]);
    const resealed = rotated.reseal(sealer.seal({ a: 'é', b: [1] }, 'tenant'), 'tenant');
    expect(new Sealer([NEW]).open(resealed ?? Buffer.of(), 'tenant')).toEqual({ a: 'é', b: [1] });
    expect(resealed?.subarray(1, 5)).toEqual(rotated.newestKey);
    expect(rotated.reseal(resealed ?? Buffer.of(), 'tenant')).toBeNull();
    expect(() => rotated.reseal(sealer.seal('old', 'tenant'), 'another')).toThrow(UnsealError);
  });

  test('a key that was dropped too early is named, and where to put it back', () => {
    const sealed = sealer.seal('secret', 'tenant');
    const keyId = sealed.toString('hex', 1, 5);
    expect(failure(() => new Sealer([NEW]).open(sealed, 'tenant')).message).toBe(
      `No key ${keyId}: it has been rotated away and is missing from ENCRYPTION_KEY. Add it at the end, after a comma.`,
    );
  });

  test('without a key there is no sealer', () => {
    expect(() => new Sealer([])).toThrow('A Sealer needs at least one key.');
  });
});
