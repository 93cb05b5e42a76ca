/** Shorter words are one letter away from too many others. */
const SHORTEST = 4;

/** Whether a word is one slip of the finger away from one of these: a letter too many, too few, another, or two swapped. */
export function nearMisses(words: readonly string[]): (word: string) => boolean {
  const known = words.filter((word) => word.length >= SHORTEST && !word.includes(' '));
  return (word) => word.length >= SHORTEST && !known.includes(word) && known.some((other) => isOneSlip(word, other));
}

function isOneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (left.length === 2 && right.length === 2) return left[0] === right[1] && left[1] === right[0];
  return left.length <= 1 && right.length <= 1;
}
