import { Refusal } from '../errors.js';

const FAULTS: Record<string, string> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'lies below a file',
  EISDIR: 'is a directory',
  EEXIST: 'is a file',
  EACCES: 'may not be read or written by this user',
  EPERM: 'may not be read or written by this user',
  EROFS: 'may not be written',
};

/** Of a file that whoever gave the command has named; any other error is thrown as it is. */
export function refuseFile(error: unknown, named: string): never {
  const { code = '', path = named } = error as NodeJS.ErrnoException;
  throw FAULTS[code] ? new Refusal('INVALID_INPUT', `${path} ${FAULTS[code]} (${code}).`) : error;
}
