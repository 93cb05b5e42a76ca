/** One measured line. `ratios`: against which other line, the ratio, and what it should at least be. */
export interface Result {
  name: string;
  rate: number;
  unit: string;
  reference?: string;
  ratios?: [reference: string, ratio: number, atLeast: number][];
}
