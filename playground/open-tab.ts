import { EXAMPLES } from './examples.js';

interface Tab {
  query: string | null;
  variables?: string | null;
}

/** The tab that was left open, or the first example. GraphiQL itself forgets its variables unless they were edited. */
export function openTab(): { query: string | undefined; variables: string | undefined } {
  const { query, variables } = storedTab() ?? EXAMPLES[0];
  return { query: query ?? undefined, variables: variables ?? undefined };
}

function storedTab(): Tab | undefined {
  try {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '') as { tabs: Tab[]; activeTabIndex: number };
    return tabs[activeTabIndex];
  } catch {
    return undefined;
  }
}
