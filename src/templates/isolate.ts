const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';

/** By extensions: the stroke that lengthens Arabic words belongs to several scripts. */
const LEFT_TO_RIGHT = /[\p{L}--[\p{scx=Arabic}\p{scx=Hebrew}\p{scx=Syriac}\p{scx=Thaana}\p{scx=Nko}\p{scx=Adlam}]]/v;
/** After an Arabic letter the parts of 555-0100, +966 5… and 10-12 change places. */
const BROKEN_NUMBER = /^[-+#*(]|\d[-+ ]+\d/;
/** Phones take the isolates for a part of the address. Each part of it ends where the next begins: `\S+@\S+\.\S+` tries every @ with every dot. */
const LINK = /^[a-z][a-z\d+.-]*:\/\/\S+$|^[^\s@]+@[^\s@.]+\.\S+$|^www\.\S+$/i;

/**
 * A value as it may stand in a right-to-left text: set apart from its surroundings where they would mix up its parts.
 * Plain numbers and links are left alone: phones recognise codes and addresses by what stands beside them.
 */
export function isolate(value: string): string {
  if (!LEFT_TO_RIGHT.test(value) && !BROKEN_NUMBER.test(value)) return value;
  return LINK.test(value) ? value : FIRST_STRONG_ISOLATE + value + POP_ISOLATE;
}
