/** Every advisory lock by its number: two things that used the same one would wait for each other. */
export const AdvisoryLock = {
  MIGRATION: 72_391,
  PROVIDER_RECORDS: 72_392,
  STATISTICS_REPAIR: 72_393,
  BOOTSTRAP: 72_394,
  PARTITIONS: 72_395,
} as const;

/** Seeds of `hashtextextended`, for locks of which there is one for each thing of a kind. */
export const LockSeed = {
  /** Also in the function `claimable_batch`. */
  BATCH: 0,
  /** In the function `address_place` only. */
  ADDRESS: 7,
  FREQUENCY_CAPS: 9,
  SENDER: 11,
  USER_ID: 13,
} as const;
