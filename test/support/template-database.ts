/** The migrated database that `createTestDatabase` copies. */
export const TEMPLATE_DATABASE = 'heliograph_template';

/** The same server and login, another database. */
export function inDatabase(name: string, databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}
