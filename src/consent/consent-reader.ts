import type { Caller } from '../accounts/caller.js';
import { seesPersonalData } from '../accounts/rights.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { openProof, type ConsentProof } from './consent-chain.js';
import type { ConsentEventRow } from './consent.row.js';

const MASKED = '•••';
const ERASED: ConsentProof = { statement: null, evidence: null, ip: null, userAgent: null };

/** Shows what was said and how it is known to those who may see it, and a mask to others. */
export class ConsentReader {
  constructor(private readonly sealer: Sealer) {}

  proof(row: Pick<ConsentEventRow, 'sealed' | 'tenantId'>, { role }: Caller): ConsentProof {
    const { statement, evidence, ip, userAgent } = openProof(this.sealer, row) ?? ERASED;
    if (seesPersonalData(role)) return { statement, evidence, ip, userAgent };
    const masked = (text: string | null): string | null => text && MASKED;
    return { statement: masked(statement), evidence: null, ip: masked(ip), userAgent: masked(userAgent) };
  }
}
