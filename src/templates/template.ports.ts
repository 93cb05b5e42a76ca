/** What the linter has to know of a tenant. */
export interface SenderSource {
  settings(tenantId: string): Promise<{ name: string; defaultLanguage: string | null; timeZone: string; currency: string }>;
}
