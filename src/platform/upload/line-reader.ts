import { AppError, ErrorCode } from '../../errors.js';

export interface Line {
  /** From 1. */
  number: number;
  /** Null where it is too long. */
  text: string | null;
  /** Of a CRLF its LF. */
  end: '\n' | '\r';
}

/** Characters. */
const LONGEST_LINE = 16_384;
const MOST_BYTES = 512 * 1024 * 1024;
/** With empty lines and those of quoted values: gigabytes of them fit into a small gzip. */
const MOST_LINES = 4_000_000;

/** The lines of a UTF-8 file, as many at a time as its parts bring. Keeps no more of it than one line. */
export async function* readLines(parts: AsyncIterable<Buffer>): AsyncGenerator<Line[], void, undefined> {
  const decoder = new TextDecoder();
  const splitter = new LineSplitter();
  let bytes = 0;
  for await (const part of parts) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new AppError(ErrorCode.BAD_USER_INPUT, 'The file is larger than 512 MiB.');
    const lines = splitter.split(decoder.decode(part, { stream: true }));
    if ((lines.at(-1)?.number ?? 0) > MOST_LINES) throw new AppError(ErrorCode.BAD_USER_INPUT, 'The file has more than 4,000,000 lines.');
    yield lines;
  }
  yield splitter.split(decoder.decode());
  yield splitter.end();
}

/** A line ends with LF, CRLF or CR. */
class LineSplitter {
  private number = 0;
  private rest = '';
  /** A CR at the end of a part: the next one may begin with its LF. */
  private held = '';
  private tooLong = false;

  split(part: string): Line[] {
    const whole = this.held + part;
    this.held = whole.endsWith('\r') ? '\r' : '';
    const text = this.held ? whole.slice(0, -1) : whole;
    const lines: Line[] = [];
    let start = 0;
    let lf = find('\n', text, 0);
    let cr = find('\r', text, 0);
    for (let end = Math.min(lf, cr); end < Infinity; end = Math.min(lf, cr)) {
      lines.push(this.line(this.rest + text.slice(start, end), cr < lf - 1 ? '\r' : '\n'));
      this.rest = '';
      start = (cr === lf - 1 ? lf : end) + 1;
      if (lf < start) lf = find('\n', text, start);
      if (cr < start) cr = find('\r', text, start);
    }
    this.rest += text.slice(start);
    if (this.rest.length > LONGEST_LINE) {
      this.tooLong = true;
      this.rest = '';
    }
    return lines;
  }

  end(): Line[] {
    return this.rest || this.tooLong || this.held ? [this.line(this.rest, '\n')] : [];
  }

  private line(text: string, end: Line['end']): Line {
    const tooLong = this.tooLong || text.length > LONGEST_LINE;
    this.tooLong = false;
    return { number: ++this.number, text: tooLong ? null : text, end };
  }
}

/** Infinity where there is none, which need not be looked for again. */
function find(character: string, text: string, from: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? Infinity : at;
}
