import { GraphiQL, HISTORY_PLUGIN, type GraphiQLProps } from 'graphiql';
import { useState, useSyncExternalStore } from 'react';
import { EXAMPLES } from './examples.js';
import { openTab } from './open-tab.js';
import { PlainAnswer } from './plain-answer.js';
import { SIMULATOR_PANEL } from './simulator-panel.js';

const PLUGINS = [SIMULATOR_PANEL, HISTORY_PLUGIN];
/** The editor takes every scalar that it does not know for a single value. */
const SCALARS = { JSONObject: { type: 'object' } } as const;
const DARK = matchMedia('(prefers-color-scheme: dark)');

/** GraphiQL, with the examples in its tabs. */
export function Editors({ fetcher }: Pick<GraphiQLProps, 'fetcher'>) {
  const dark = useSyncExternalStore(
    (onChange) => {
      DARK.addEventListener('change', onChange);
      return () => DARK.removeEventListener('change', onChange);
    },
    () => DARK.matches,
  );
  // The editors take their colours from the system once, when they are made.
  return <OpenEditors key={dark ? 'dark' : 'light'} fetcher={fetcher} />;
}

function OpenEditors({ fetcher }: Pick<GraphiQLProps, 'fetcher'>) {
  const [first] = useState(openTab);
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={[...EXAMPLES]}
      initialQuery={first.query}
      initialVariables={first.variables}
      customScalarSchemas={SCALARS}
      plugins={PLUGINS}
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled={false}
      showPersistHeadersSettings={false}
    >
      <GraphiQL.Logo>
        <PlainAnswer />
      </GraphiQL.Logo>
    </GraphiQL>
  );
}
