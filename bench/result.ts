/** A row of the table. */
export interface Result {
  what: string;
  heliograph: string;
  reference: string;
  ratio: number | null;
  target: string;
  /** Null where there is no target. */
  met: boolean | null;
}

export const amount = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** As many times as `of`. */
export const multiple = (value: number, of: number): string => `${(value / of).toFixed(2)} ×`;

export interface Rate {
  name: string;
  rate: number;
}

/** How many times the reference. */
export function compared(what: string, unit: string, ours: number, reference: Rate, atLeast: number): Result {
  const ratio = ours / reference.rate;
  return {
    what,
    heliograph: `${amount(ours)} ${unit}`,
    reference: `${amount(reference.rate)} ${unit} (${reference.name})`,
    ratio,
    target: `≥ ${atLeast} ×`,
    met: ratio >= atLeast,
  };
}

/** For comparison, without a target; with `note`, what else there is to say of the reference. */
export const against = (what: string, unit: string, ours: number, reference: number, note = ''): Result => ({
  what,
  heliograph: `${amount(ours)} ${unit}`,
  reference: `${amount(reference)} ${unit}${note && ` (${note})`}`,
  ratio: ours / reference,
  target: '',
  met: null,
});

/** Against a number and no other program. */
export const reached = (what: string, ours: number, unit: string, least: number): Result => ({
  what,
  heliograph: `${amount(ours)} ${unit}`,
  reference: '',
  ratio: null,
  target: `≥ ${amount(least)} ${unit}`,
  met: ours >= least,
});

/** As `reached`, where less is better. */
export const within = (what: string, ours: number, unit: string, most: number): Result => ({
  what,
  heliograph: `${amount(ours)} ${unit}`,
  reference: '',
  ratio: null,
  target: `≤ ${amount(most)} ${unit}`,
  met: ours <= most,
});

/** How many times the same under an easier condition. */
export function grown(what: string, unit: string, ours: number, before: Rate, atMost: number): Result {
  const ratio = ours / before.rate;
  return {
    what,
    heliograph: `${amount(ours)} ${unit}`,
    reference: `${amount(before.rate)} ${unit} (${before.name})`,
    ratio,
    target: `≤ ${atMost} ×`,
    met: ratio <= atMost,
  };
}

export const measured = (what: string, ours: string): Result => ({
  what,
  heliograph: ours,
  reference: '',
  ratio: null,
  target: '',
  met: null,
});

export const failed = (what: string, why: string): Result => ({
  what,
  heliograph: `failed: ${why}`,
  reference: '',
  ratio: null,
  target: '',
  met: false,
});

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
