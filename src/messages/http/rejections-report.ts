import type { RejectedLine } from '../batch-upload.js';

export interface ReportFormat {
  contentType: string;
  extension: string;
  write(groups: AsyncIterable<RejectedLine[]>): AsyncGenerator<string, void, undefined>;
}

/** What a spreadsheet would take for a formula: numbers may begin with a sign, but then hold nothing else. */
const FORMULA = /^(?:[=@\t\r]|[+-](?![\d\s().-]*$))/;

const CSV: ReportFormat = {
  contentType: 'text/csv; charset=utf-8',
  extension: 'csv',
  async *write(groups) {
    yield 'line,to,code,message\r\n';
    for await (const group of groups)
      yield group.map(({ line, to, code, message }) => `${line},${quoted(to)},${code},${quoted(message)}\r\n`).join('');
  },
};

const NDJSON: ReportFormat = {
  contentType: 'application/x-ndjson; charset=utf-8',
  extension: 'ndjson',
  async *write(groups) {
    for await (const group of groups) yield group.map((rejected) => `${JSON.stringify(rejected)}\n`).join('');
  },
};

/** By the parameter `format`, else by the header Accept, else CSV. Null for a format that is none. */
export function reportFormat(format: unknown, accept: string | undefined): ReportFormat | null {
  if (format === undefined) return accept?.includes('ndjson') ? NDJSON : CSV;
  return format === 'csv' ? CSV : format === 'ndjson' ? NDJSON : null;
}

const quoted = (text: string): string => `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
