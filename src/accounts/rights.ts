import { Role } from './caller.js';

/** Who may do what. A SENDER works for a program that sends: it follows its own messages, and sees nobody's history. */
export const ADMINS: readonly Role[] = [Role.ADMIN];
export const OPERATORS: readonly Role[] = [Role.ADMIN, Role.OPERATOR];
export const SENDERS: readonly Role[] = [Role.ADMIN, Role.OPERATOR, Role.SENDER];
export const READERS: readonly Role[] = [Role.ADMIN, Role.OPERATOR, Role.VIEWER];
export const EVERYONE: readonly Role[] = [Role.ADMIN, Role.OPERATOR, Role.SENDER, Role.VIEWER];

/** A VIEWER reads numbers, names and texts masked. */
export const seesPersonalData = (role: Role): boolean => role !== Role.VIEWER;
