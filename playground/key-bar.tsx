import { print } from 'graphql';
import { useEffect, useState, type FormEvent } from 'react';
import { post } from './connection.js';
import { WhoAmIDocument, type WhoAmIQuery } from './generated/graphql.js';
import sun from './sun.svg';

interface Standing {
  kind: 'none' | 'asking' | 'accepted' | 'refused';
  text: string;
}

const NONE: Standing = { kind: 'none', text: 'Paste the API key that the program printed when it started.' };
const ASKING: Standing = { kind: 'asking', text: '…' };

/** Where the key is entered, and whose it is. */
export function KeyBar({ apiKey, onKey }: { apiKey: string; onKey: (key: string) => void }) {
  const standing = useStanding(apiKey);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const { key } = event.currentTarget.elements as unknown as { key: HTMLInputElement };
    onKey(key.value.trim());
  };
  return (
    <header className="key-bar">
      <h1>
        <img src={sun} width="22" height="22" alt="" />
        Heliograph
      </h1>
      <form onSubmit={submit}>
        <label htmlFor="key">API key</label>
        <input id="key" name="key" key={apiKey} type="password" dir="ltr" defaultValue={apiKey} placeholder="hg_…" autoComplete="off" />
        <button type="submit">Use</button>
      </form>
      <output className={standing.kind} htmlFor="key">
        {standing.text}
      </output>
    </header>
  );
}

function useStanding(key: string): Standing {
  const [standing, setStanding] = useState(NONE);
  useEffect(() => {
    let current = true;
    setStanding(key ? ASKING : NONE);
    if (key) void standingOf(key).then((answer) => current && setStanding(answer));
    return () => void (current = false);
  }, [key]);
  return standing;
}

async function standingOf(key: string): Promise<Standing> {
  try {
    const { data, errors } = await post({ query: print(WhoAmIDocument) }, { authorization: `Bearer ${key}` });
    if (!data) return { kind: 'refused', text: errors?.[0]?.message ?? 'The key was not accepted.' };
    const { tenant, role, name } = (data as WhoAmIQuery).viewer;
    return { kind: 'accepted', text: `${tenant.name} · ${role} · ${name}` };
  } catch {
    return { kind: 'refused', text: 'The server did not answer.' };
  }
}
