/** After so long others get a turn: sealing ten thousand numbers in one go would stall them all. */
const SLICE_MS = 4;

interface Waiting {
  began: Date;
  go: () => void;
}

/** One list for the process, because it has one thread. */
const waiting: Waiting[] = [];
let turns = 0;

/**
 * Does long work on the one thread in slices. Between them the process hears and answers others, and one slice follows of
 * all that such works have under way; what is done within its first slice waits for nobody. `began`: when the request did
 * that it is part of. Throws what `work` throws, at once.
 */
export async function inSlices<T>(items: readonly T[], began: Date, work: (item: T, index: number) => void): Promise<void> {
  let since = performance.now();
  for (const [index, item] of items.entries()) {
    if (performance.now() - since > SLICE_MS) {
      await turn(began);
      since = performance.now();
    }
    work(item, index);
  }
}

function turn(began: Date): Promise<void> {
  return new Promise((go) => {
    waiting.push({ began, go });
    if (waiting.length === 1) setImmediate(next);
  });
}

/**
 * Of four turns three are the oldest request's. Only in turn, equal requests would calculate at the same time, and at the
 * same time wait for PostgreSQL; only the oldest, a small one would wait for all that began before it.
 */
function next(): void {
  const oldest = waiting.reduce((old, one) => (one.began < old.began ? one : old));
  const place = turns++ % 4 === 0 ? 0 : waiting.indexOf(oldest);
  waiting.splice(place, 1)[0]?.go();
  if (waiting.length > 0) setImmediate(next);
}
