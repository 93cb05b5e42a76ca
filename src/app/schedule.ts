import type { BatchService } from '../messages/batch.service.js';
import type { BatchUploadService } from '../messages/batch-upload.service.js';
import type { ChargeReader } from '../delivery/charge-reader.js';
import type { Redactions } from '../delivery/redaction.js';
import type { Sweep } from '../delivery/sweep.js';
import type { WebhookIntake } from '../delivery/webhook-intake.js';
import type { Database } from '../platform/database/database.js';
import { dropEmptyMonths, makePartitions } from '../platform/database/partitions.queries.js';
import { forgetOldKeys, forgetOldRedactions } from '../platform/database/upkeep.queries.js';
import type { ClockJob } from '../platform/scheduler/clock-jobs.js';
import type { Erasure } from '../privacy/erasure.js';
import type { Retention } from '../privacy/retention.js';
import { foldFigures, pruneRollups } from '../statistics/fold.queries.js';

export interface ScheduledWork {
  db: Database;
  sweep: Sweep;
  batches: BatchService;
  uploads: BatchUploadService;
  intake: WebhookIntake;
  erasure: Erasure;
  redactions: Redactions;
  charges: ChargeReader;
  retention: Retention;
}

/** Everything that happens by the clock. A job finds what is due and hands it on; it never calls a provider. */
export const schedule = ({ db, sweep, batches, uploads, intake, erasure, redactions, charges, retention }: ScheduledWork): ClockJob[] => [
  { name: 'sweep', every: 1, purpose: 'moves on due, expired, orphaned and unconfirmed messages', run: () => sweep.run() },
  { name: 'batch-upkeep', every: 1, purpose: 'folds counters; ends and cancels batches', run: () => batches.upkeep() },
  { name: 'statistics', every: 2, purpose: 'folds figures into rollups', run: () => foldFigures(db.sql) },
  { name: 'abandoned-uploads', every: 30, purpose: 'ends uploads that nobody continues', run: () => uploads.endAbandoned() },
  {
    name: 'parked-receipts',
    every: 5,
    purpose: 'tries receipts again whose message was not known, and messages from people that nobody has applied',
    run: () => intake.retryParked(),
  },
  { name: 'erasures', every: 5, purpose: 'finishes what erased people were sent and wrote', run: () => erasure.continue() },
  { name: 'redactions', every: 5, purpose: 'has providers asked to forget what was erased', run: () => redactions.call() },
  {
    name: 'charges',
    every: 5,
    purpose: 'has providers asked what messages were charged, an hour and a day after they went out',
    run: () => charges.call(),
  },
  { name: 'retention', every: 60, purpose: 'deletes what tenants no longer keep, from 02:00 of their time on', run: () => retention.run() },
  {
    name: 'partitions',
    every: 600,
    purpose: 'makes the tables of the months to come, and drops those of months of which nothing is left',
    run: async () => {
      await makePartitions(db.sql);
      await dropEmptyMonths(db.sql);
    },
  },
  {
    name: 'old-rollups',
    every: { cron: '30 3 * * *', timeZone: 'UTC' },
    purpose: 'forgets figures by the minute after four days',
    run: () => pruneRollups(db.sql),
  },
  {
    name: 'idempotency-keys',
    every: { cron: '45 3 * * *', timeZone: 'UTC' },
    purpose: 'forgets idempotency keys after 30 days',
    run: () => forgetOldKeys(db.sql),
  },
  {
    name: 'old-redactions',
    every: { cron: '50 3 * * *', timeZone: 'UTC' },
    purpose: 'forgets after 30 days what providers have forgotten',
    run: () => forgetOldRedactions(db.sql),
  },
];
