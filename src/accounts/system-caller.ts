import { Role, type Caller } from './caller.js';

/** Stands for the command line and the program itself in services and in the audit log. */
export const systemCaller = (tenantId: string, name: string): Caller => ({
  tenantId,
  role: Role.ADMIN,
  name,
  keyId: null,
  ip: null,
  userAgent: null,
});
