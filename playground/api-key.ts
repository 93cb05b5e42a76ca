const KEPT = 'heliograph:api-key';

/** Forgotten with the browser tab. */
export const keepKey = (key: string): void => sessionStorage.setItem(KEPT, key);

/** The key in use. One in the address, as `#key=hg_…`, is kept, and taken out of the address bar and its history. */
export function currentKey(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get('key');
  if (given !== null) history.replaceState(null, '', location.pathname + location.search);
  if (given !== null && /^hg_[\w-]+$/.test(given)) keepKey(given);
  return sessionStorage.getItem(KEPT) ?? '';
}
