import type { Line } from './line-reader.js';

/** A line of a CSV file, or several where a quoted value goes on over the end of a line. */
export interface CsvRecord {
  /** The number of its first line. */
  line: number;
  text: string;
  /** Why it cannot be read. */
  fault: string | null;
}

interface Piece {
  number: number;
  text: string;
  end: Line['end'];
  /** Whether the number of quotes in it is odd: the value that is open at its end is then one that began in it, or ended. */
  odd: boolean;
}

const MOST_LINES = 50;
const TOO_LONG = 'The line is longer than 16,384 characters.';
const NOT_CLOSED = 'The line opens a quote that is not closed.';

/**
 * Puts lines together to records. A quote that is never closed would swallow the rest of the file: where no record comes
 * of the lines after it, only its own line is given up, and reading goes on with the next.
 */
export class CsvRecords {
  private open: Piece[] = [];

  /** `isWellFormed` is asked about records of several lines. */
  constructor(private readonly isWellFormed: (text: string) => boolean) {}

  /** Returns what is complete. Empty lines are left out. */
  add(lines: readonly Line[]): CsvRecord[] {
    const records: CsvRecord[] = [];
    for (const { number, text, end } of lines) {
      if (text === null) {
        records.push(...this.end(), { line: number, text: '', fault: TOO_LONG });
      } else this.feed({ number, text, end, odd: hasOddQuotes(text) }, records);
    }
    return records;
  }

  /** What is left at the end of the file. */
  end(): CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.open.length > 0) this.giveUpFirst(records);
    return records;
  }

  private feed(piece: Piece, records: CsvRecord[]): void {
    if (this.open.length === 0 && !piece.odd) {
      if (piece.text !== '') records.push({ line: piece.number, text: piece.text, fault: null });
      return;
    }
    this.open.push(piece);
    if (this.open.length > 1 && piece.odd) this.close(records);
    else if (this.open.length === MOST_LINES) this.giveUpFirst(records);
  }

  private close(records: CsvRecord[]): void {
    const text = this.open
      .map((piece) => piece.text + piece.end)
      .join('')
      .slice(0, -1);
    if (!this.isWellFormed(text)) return this.giveUpFirst(records);
    records.push({ line: this.open[0]?.number ?? 0, text, fault: null });
    this.open = [];
  }

  private giveUpFirst(records: CsvRecord[]): void {
    const [first, ...others] = this.open;
    this.open = [];
    if (first) records.push({ line: first.number, text: '', fault: NOT_CLOSED });
    for (const piece of others) this.feed(piece, records);
  }
}

function hasOddQuotes(text: string): boolean {
  let odd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) odd = !odd;
  return odd;
}
