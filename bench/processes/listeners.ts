import { subscribe } from '../subscription.js';

/** Equal subscribers, each with a socket of its own; counts what they get. */
export interface Listen {
  url: string;
  key: string;
  query: string;
  subscribers: number;
}

/** Answered once so many have come since the start, over all subscribers, and each has had as many as the others. */
export interface WaitFor {
  each: number;
}

const counts: number[] = [];
let complete = 0;
let wanted = Number.POSITIVE_INFINITY;

function receive(subscriber: number): void {
  const count = (counts[subscriber] = (counts[subscriber] ?? 0) + 1);
  if (count === wanted) complete++;
  tell();
}

function tell(): void {
  if (complete < counts.length || wanted === Number.POSITIVE_INFINITY) return;
  wanted = Number.POSITIVE_INFINITY;
  process.send?.({ counts: counts.reduce((sum, count) => sum + count, 0) });
}

async function listen({ url, key, query, subscribers }: Listen): Promise<void> {
  for (let n = 0; n < subscribers; n++) {
    counts[n] = 0;
    await subscribe(url, key, query, () => receive(n));
  }
  process.send?.('listening');
}

process.on('message', (question: Listen | WaitFor | 'fewest') => {
  if (question === 'fewest') process.send?.(Math.min(...counts));
  else if ('each' in question) {
    wanted = question.each;
    complete = counts.filter((count) => count >= wanted).length;
    tell();
  } else void listen(question);
});
process.send?.('ready');
