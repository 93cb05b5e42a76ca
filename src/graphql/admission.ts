import { AppError, ErrorCode } from '../errors.js';
import { addressForLimits } from '../platform/http/client-address.js';
import type { RateLimit } from '../platform/http/rate-limit.js';
import type { Viewer } from './context.js';

/** Many times what asks for the schema, or signs a socket in. */
export const LONGEST_FROM_NOBODY = 65_536;

export interface Origin {
  ip: string | null;
  userAgent: string | null;
}

/** Null: no such key, or one that has expired or was revoked. */
export type Authenticate<C extends Viewer = Viewer> = (secret: string, origin: Origin) => Promise<C | null>;

export interface AdmissionLimits {
  /** Requests and socket openings of one address. */
  perIp: RateLimit;
  /** Operations of one key. */
  perKey: RateLimit;
  /** Wrong keys from one address. */
  failures: RateLimit;
}

const unauthenticated = (message: string): AppError => new AppError(ErrorCode.UNAUTHENTICATED, message);

/** Who may come in, and how often. The same for requests and sockets. All throw AppError. */
export class Admission {
  constructor(
    private readonly authenticate: Authenticate,
    private readonly limits: AdmissionLimits,
  ) {}

  arrive(ip: string | null): Promise<void> {
    return this.limits.perIp.consume(addressForLimits(ip));
  }

  /** Null without credentials: such a viewer may ask for the schema, and for nothing else. */
  async signIn(authorization: unknown, origin: Origin): Promise<Viewer | null> {
    if (authorization === undefined || authorization === null || authorization === '') return null;
    const secret = typeof authorization === 'string' ? /^Bearer +([\w-]{1,300})$/i.exec(authorization.trim())?.[1] : undefined;
    const viewer = secret ? await this.authenticate(secret, origin) : null;
    if (viewer) return viewer;
    // Only failures are counted, so that a stranger cannot lock out others behind the same address.
    await this.limits.failures.consume(addressForLimits(origin.ip));
    throw unauthenticated('The API key is not valid: it is unknown, revoked or expired. Expected the header `Authorization: Bearer hg_…`.');
  }

  async spend({ keyId, tenantId }: Viewer): Promise<void> {
    await this.limits.perKey.consume(keyId ?? tenantId);
  }
}
