import { useEffect, useMemo, useState } from 'react';
import { currentKey, keepKey } from './api-key.js';
import { connect } from './connection.js';
import { Editors } from './editors.js';
import { KeyBar } from './key-bar.js';

/** The whole page. */
export function Playground() {
  const [key, setKey] = useKey();
  const connection = useMemo(() => connect(key), [key]);
  useEffect(() => () => connection.close(), [connection]);
  return (
    <>
      <KeyBar apiKey={key} onKey={setKey} />
      {/* Code reads from left to right, whatever the page does. */}
      <main dir="ltr">
        <Editors fetcher={connection.fetcher} />
      </main>
    </>
  );
}

function useKey(): [string, (key: string) => void] {
  const [key, setKey] = useState(currentKey);
  useEffect(() => {
    const onAddress = (): void => setKey(currentKey());
    addEventListener('hashchange', onAddress);
    return () => removeEventListener('hashchange', onAddress);
  }, []);
  const use = (given: string): void => {
    keepKey(given);
    setKey(given);
  };
  return [key, use];
}
