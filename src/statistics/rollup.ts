import { FigureSum, type FigureRow } from '../messages/figure-sum.js';

/**
 * Widths of the rollups in seconds, each a multiple of the next. A quarter of an hour, because the days of some time zones
 * (India, Nepal) begin at half or a quarter past an hour of UTC.
 */
export const WIDTHS = [86_400, 3_600, 900, 60] as const;
export const QUARTER_MS = 900_000;
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** For how long there are rollups of single minutes. */
export const MINUTES_KEPT_MS = 3 * DAY_MS;

/**
 * Rollups exist three times: of all messages without their templates and batches, which keeps them few; by template; and
 * by batch. A question is answered from the first that can.
 */
export type Scope = 'ALL' | 'TEMPLATE' | 'BATCH';

export interface Rollup {
  scope: Scope;
  seconds: number;
  figures: FigureRow;
}

/** The rollups that figures of a minute belong to. */
export function rollupsOf(figures: FigureRow): Rollup[] {
  const { templateCode, batchId } = figures;
  const scopes: { scope: Scope; templateCode: string | null; batchId: string | null }[] = [
    { scope: 'ALL', templateCode: null, batchId: null },
    ...(templateCode === null ? [] : [{ scope: 'TEMPLATE', templateCode, batchId: null } as const]),
    ...(batchId === null ? [] : [{ scope: 'BATCH', templateCode, batchId } as const]),
  ];
  return scopes.flatMap(({ scope, ...kind }) =>
    WIDTHS.map((seconds) => {
      const at = new Date(Math.floor(figures.at.getTime() / (seconds * 1000)) * seconds * 1000);
      return { scope, seconds, figures: { ...figures, ...kind, at } };
    }),
  );
}

/** Adds up rollups of any scope and width. */
export class RollupSum {
  private readonly sums = new Map<string, { scope: Scope; seconds: number; sum: FigureSum }>();

  add({ scope, seconds, figures }: Rollup, sign: 1 | -1): void {
    const name = `${scope} ${seconds}`;
    let found = this.sums.get(name);
    if (!found) this.sums.set(name, (found = { scope, seconds, sum: new FigureSum() }));
    found.sum.addRow(figures, sign);
  }

  /** Without those that come to nothing. */
  rollups(): Rollup[] {
    return [...this.sums.values()].flatMap(({ sum, ...which }) => sum.rows().map((figures) => ({ ...which, figures })));
  }
}
