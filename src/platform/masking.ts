const HIDDEN = '•••••';
/** A calling code, which is prefix-free, and one digit more. */
const CALLING_CODE = /^\+(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})\d/;
const FEWEST_HIDDEN = 4;

/** "+966500000567" as "+9665•••••567": enough to recognise, too little to call. The bullets do not tell how many digits they hide. */
export function maskPhoneNumber(number: string): string {
  const start = CALLING_CODE.exec(number)?.[0] ?? '';
  const shownAtEnd = Math.min(3, Math.max(0, number.length - start.length - FEWEST_HIDDEN));
  return start + HIDDEN + number.slice(number.length - shownAtEnd);
}

/** Any address of a person: a number, an email address ("a•••@e•••.com") or a WhatsApp user id ("US•••••18"). */
export function maskAddress(address: string): string {
  if (address.startsWith('+')) return maskPhoneNumber(address);
  const at = address.lastIndexOf('@');
  if (at > 0) return `${address[0]}•••@${address[at + 1] ?? ''}•••${/\.[\p{L}-]*$/u.exec(address.slice(at))?.[0] ?? ''}`;
  return address.length < 8 ? HIDDEN : address.slice(0, 2) + HIDDEN + address.slice(-2);
}

const NUMBER = /(?:\+|%2B)(\d{8,15})/gi;
const EMAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g;

/** Masks what looks like an E.164 number, also URL-encoded, or an email address, wherever it stands in a text. */
export function maskAddressesIn(text: string): string {
  const withoutNumbers = text.replace(NUMBER, (_match, digits: string) => maskPhoneNumber(`+${digits}`));
  return withoutNumbers.includes('@') ? withoutNumbers.replace(EMAIL, maskAddress) : withoutNumbers;
}
