import { Client } from 'pg';
import { vi } from 'vitest';

/** As it was sent to PostgreSQL. */
export interface Statement {
  text: string;
  values: readonly unknown[];
  /** Whether the connection may keep its plan, whatever the values are next time. */
  isPrepared: boolean;
}

/** What this process sends while `act` runs, whoever in it. */
export async function statementsWhile(act: () => Promise<unknown>): Promise<Statement[]> {
  const send = vi.spyOn(Client.prototype, 'query');
  try {
    await act();
    return send.mock.calls.map((call) => statementOf(call));
  } finally {
    send.mockRestore();
  }
}

function statementOf([first, second]: readonly unknown[]): Statement {
  const { text, values } = typeof first === 'string' ? { text: first, values: second } : (first as { text: string; values?: unknown });
  return { text, values: Array.isArray(values) ? values : [], isPrepared: typeof first === 'object' && first !== null && 'name' in first };
}

/** The least of a few tries, each of a call of its own: work in the background asks for something now and then. */
export async function statementCount(prepare: () => Promise<() => Promise<unknown>>): Promise<number> {
  const counts: number[] = [];
  for (let time = 0; time < 3; time++) counts.push((await statementsWhile(await prepare())).length);
  return Math.min(...counts);
}
