/** Alphabet of GSM 03.38 without the escape character. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Each takes the escape character and one more. */
const EXTENSION = '\f^{}\\[~]|€';

/** Septets by UTF-16 unit: 1, 2, or 0 for what GSM-7 cannot say. */
export const GSM_WIDTHS = new Uint8Array(65_536);
for (const character of BASIC) GSM_WIDTHS[character.charCodeAt(0)] = 1;
for (const character of EXTENSION) GSM_WIDTHS[character.charCodeAt(0)] = 2;

export function isGsm(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (GSM_WIDTHS[text.charCodeAt(i)] === 0) return false;
  return true;
}
