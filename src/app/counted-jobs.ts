import type { Metrics } from '../platform/metrics/metrics.js';
import type { ClockJob } from '../platform/scheduler/clock-jobs.js';

/** The same jobs, whose runs are counted: a clock that stands still would not show in anything else while its process lives. */
export function countedJobs(jobs: readonly ClockJob[], metrics: Metrics): ClockJob[] {
  return jobs.map((job) => {
    metrics.watchJob(job.name);
    const count = (outcome: string): void => metrics.jobRuns.inc({ name: job.name, outcome });
    const run = async (): Promise<unknown> => {
      try {
        const result = await job.run();
        count('done');
        return result;
      } catch (error) {
        count('failed');
        throw error;
      }
    };
    return { ...job, run };
  });
}
