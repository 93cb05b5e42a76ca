export const Role = { ADMIN: 'ADMIN', OPERATOR: 'OPERATOR', SENDER: 'SENDER', VIEWER: 'VIEWER' } as const;
export type Role = (typeof Role)[keyof typeof Role];

/** Who asks: made from the credentials of a request or a socket, and handed to every service. */
export interface Caller {
  tenantId: string;
  role: Role;
  /** The key's name, shown in audit and events. */
  name: string;
  /** Null for the command line and jobs. */
  keyId: string | null;
  ip: string | null;
  userAgent: string | null;
}
