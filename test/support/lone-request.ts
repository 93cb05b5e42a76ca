import { request } from 'node:http';
import type { TestApi } from './gql.js';

export interface Asked {
  /** refused: nobody listens. cut: somebody took the connection and gave no answer. */
  outcome: 'answered' | 'refused' | 'cut';
  status?: number | undefined;
  body?: any;
}

/** A GraphQL operation on a connection of its own: one that is kept may be closed just as it is used again, whoever closes it. */
export function askAlone({ graphqlUrl, key }: TestApi, operation: object): Promise<Asked> {
  const { promise, resolve } = Promise.withResolvers<Asked>();
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const sending = request(graphqlUrl, { method: 'POST', agent: false, headers }, (response) => {
    let text = '';
    response.on('data', (piece: Buffer) => (text += piece.toString()));
    response.on('end', () => resolve({ outcome: 'answered', status: response.statusCode, body: JSON.parse(text) }));
    response.on('error', () => resolve({ outcome: 'cut' }));
  });
  sending.on('error', (error) => resolve({ outcome: 'code' in error && error.code === 'ECONNREFUSED' ? 'refused' : 'cut' }));
  sending.end(JSON.stringify(operation));
  return promise;
}
