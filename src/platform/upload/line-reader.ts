import { AppError, ErrorCode } from '../../errors.js';

export interface Line {
  /** From 1. */
  number: number;
  /** Null where it is too long. */
  text: string | null;
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

class LineSplitter {
  private number = 0;
  private rest = '';
  private tooLong = false;

  split(text: string): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      lines.push(this.line(this.rest + text.slice(start, end)));
      this.rest = '';
      start = end + 1;
    }
    this.rest += text.slice(start);
    if (this.rest.length > LONGEST_LINE) {
      this.tooLong = true;
      this.rest = '';
    }
    return lines;
  }

  end(): Line[] {
    return this.rest || this.tooLong ? [this.line(this.rest)] : [];
  }

  private line(text: string): Line {
    const tooLong = this.tooLong || text.length > LONGEST_LINE;
    this.tooLong = false;
    return { number: ++this.number, text: tooLong ? null : text.endsWith('\r') ? text.slice(0, -1) : text };
  }
}
