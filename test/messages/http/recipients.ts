import type { UploadLine } from '../../../src/messages/batch-upload.js';
import { csvRecipients } from '../../../src/messages/http/csv-recipients.js';
import { readLines } from '../../../src/platform/upload/line-reader.js';
import { ndjsonRecipients } from '../../../src/messages/http/ndjson-recipients.js';
import { FurtherColumns } from '../../../src/messages/http/further-columns.js';

const READERS = { csv: csvRecipients, ndjson: ndjsonRecipients };

export interface ReadFile {
  lines: UploadLine[];
  unused: string[];
}

/** The recipients of a file that arrives in pieces of so many bytes. */
export async function read(
  format: keyof typeof READERS,
  file: string | Buffer,
  pieceSize = 1 << 16,
  body: string | null = null,
  template: string | null = null,
): Promise<ReadFile> {
  const further = new FurtherColumns({ body, template });
  const lines: UploadLine[] = [];
  for await (const some of READERS[format](readLines(inPieces(Buffer.from(file), pieceSize)), further)) lines.push(...some);
  return { lines, unused: [...further.unused] };
}

async function* inPieces(file: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < file.length; start += size) yield file.subarray(start, start + size);
}

/** "3 +966500000001 ref en", or "3 fault" where the line is none. */
export const inShort = ({ lines }: ReadFile): string[] =>
  lines.map(({ line, recipient: { to, reference, language }, fault }) =>
    [line, ...(fault ? [fault] : [to, reference, language])].filter(Boolean).join(' '),
  );
