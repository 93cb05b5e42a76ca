import { once } from 'node:events';
import { request } from 'node:http';
import type { TestApi } from './gql.js';

export interface UploadAnswer {
  status: number;
  body: any;
}

export interface UploadOptions {
  /** The parameters in the address. */
  with?: Record<string, string>;
  headers?: Record<string, string>;
}

/** Lines as a file, each with its line end. */
export const csv = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');

/** The nth of seven million different numbers that the simulator delivers to. */
export function numberOf(index: number): string {
  // No exchange ends in 11.
  const exchange = 200 + Math.floor(index / 10_000);
  return `+1415${exchange % 100 === 11 ? 999 - (exchange - (exchange % 100)) / 100 : exchange}${String(index % 10_000).padStart(4, '0')}`;
}

export const numbers = (count: number, first = 0): string[] => Array.from({ length: count }, (_, index) => numberOf(first + index));

const queryOf = (parameters: Record<string, string>): string =>
  `/batches?${new URLSearchParams({ name: 'Upload', ...(parameters['template'] ? {} : { body: 'Hello' }), ...parameters }).toString()}`;

const headersOf = (key: string | undefined, headers: Record<string, string>): Record<string, string> => ({
  'content-type': 'text/csv',
  ...(key ? { authorization: `Bearer ${key}` } : {}),
  ...headers,
});

/** POST /batches; a CSV file unless a header says otherwise. */
export async function upload(
  { url, key }: TestApi,
  file: NonNullable<RequestInit['body']>,
  { with: parameters = {}, headers = {} }: UploadOptions = {},
): Promise<UploadAnswer> {
  const init = { method: 'POST', body: file, headers: headersOf(key, headers) };
  const response = await fetch(url + queryOf(parameters), init);
  return { status: response.status, body: await response.json() };
}

/** POST /consents; a CSV file unless a header says otherwise. `query` as in the address. */
export async function uploadConsents(
  { url, key }: TestApi,
  file: NonNullable<RequestInit['body']>,
  query = '',
  headers: Record<string, string> = {},
): Promise<any> {
  const response = await fetch(`${url}/consents${query}`, { method: 'POST', body: file, headers: headersOf(key, headers) });
  return { status: response.status, ...((await response.json()) as object) };
}

/** GET /batches/:id/rejections. */
export async function rejectionsOf({ url, key }: TestApi, batchId: string, query = ''): Promise<Response> {
  return fetch(`${url}/batches/${batchId}/rejections${query}`, { headers: key ? { authorization: `Bearer ${key}` } : {} });
}

/** An upload in pieces. */
export interface OpenUpload {
  /** Resolves when the server has taken it into its buffers. */
  write(piece: string | Buffer): Promise<void>;
  end(): void;
  /** As if the line was cut. */
  cut(): Promise<void>;
  answer: Promise<UploadAnswer>;
}

export function openUpload({ url, key }: TestApi, { with: parameters = {}, headers = {} }: UploadOptions = {}): OpenUpload {
  const sending = request(url + queryOf(parameters), { method: 'POST', headers: headersOf(key, headers) });
  const answer = once(sending, 'response').then(async ([response]) => {
    let text = '';
    for await (const piece of response) text += String(piece);
    return { status: response.statusCode as number, body: JSON.parse(text) };
  });
  answer.catch(() => undefined);
  sending.on('error', () => undefined);
  return {
    write: async (piece) => {
      if (!sending.write(piece)) await once(sending, 'drain');
    },
    end: () => void sending.end(),
    cut: async () => {
      sending.destroy();
      await new Promise((resolve) => sending.once('close', resolve));
    },
    answer,
  };
}
