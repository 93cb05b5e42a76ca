import { describe, expect, test } from 'vitest';
import { maskAddress, maskPhoneNumber, maskAddressesIn } from '../../src/platform/masking.js';

describe('masking', () => {
  test.each([
    ['+966500000567', '+9665•••••567'],
    ['+15005550001', '+15•••••001'],
    ['+79161234567', '+79•••••567'],
    ['+447911123456', '+447•••••456'],
    ['+881612345678', '+8816•••••678'],
    ['+29012345', '+2901•••••'],
    ['+2901234567', '+2901•••••67'],
    ['+1', '•••••'],
  ])('%s shows its country and a few digits', (number, masked) => {
    expect(maskPhoneNumber(number)).toBe(masked);
  });

  test.each([
    ['+966500000567', '+9665•••••567'],
    ['amal@example.com', 'a•••@e•••.com'],
    ['a@b.co.uk', 'a•••@b•••.uk'],
    ['amal@localhost', 'a•••@l•••'],
    ['amal@example.org +966500000567', 'a•••@e•••'],
    ['US.13491208655302741918', 'US•••••18'],
    ['short', '•••••'],
    ['', '•••••'],
  ])('the address %s stays recognisable only', (address, masked) => {
    expect(maskAddress(address)).toBe(masked);
  });

  test.each([
    ['from +15005550001 to +966500000567.', 'from +15•••••001 to +9665•••••567.'],
    ['/Messages?To=%2B966500000567&x=1', '/Messages?To=+9665•••••567&x=1'],
    ['1+1234567, 12:00:00+0300', '1+1234567, 12:00:00+0300'],
    ['write to amal+test@mail.example.com!', 'write to a•••@m•••.com!'],
    ['at /node_modules/@apollo/server/index.js', 'at /node_modules/@apollo/server/index.js'],
  ])('in %j only addresses are masked', (text, masked) => {
    expect(maskAddressesIn(text)).toBe(masked);
  });
});
