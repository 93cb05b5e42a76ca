/**
 * Histograms whose buckets grow by a tenth each: counts that add up, from which a percentile comes out within 5 % of the
 * true one, whatever the scale. Bucket n holds the values above GROWTH^(n-1) up to GROWTH^n; bucket 0 all up to 1.
 */
const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);

export const bucketOf = (value: number): number => (value <= 1 ? 0 : Math.ceil(Math.log(value) / LOG_GROWTH));

/** The value in a bucket from which no other value in it is further than 4.8 % of that value. */
export const valueOf = (bucket: number): number => (2 * GROWTH ** bucket) / (1 + GROWTH);

/** The value that a share `q` of all does not exceed; null without values. `counts` by bucket. */
export function percentile(counts: ReadonlyMap<number, number>, q: number): number | null {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const wanted = Math.max(1, Math.ceil(q * total));
  let reached = 0;
  for (const [bucket, count] of [...counts].toSorted(([a], [b]) => a - b)) {
    reached += count;
    if (reached >= wanted) return valueOf(bucket);
  }
  return null;
}
