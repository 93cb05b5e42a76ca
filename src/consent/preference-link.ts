import { timingSafeEqual } from 'node:crypto';
import type { BlindIndex } from '../platform/encryption/blind-index.js';

export interface LinkedContact {
  contactId: string;
  expiresAt: Date;
}

const ID_BYTES = 16;
const TIME_BYTES = 6;
const MAC_BYTES = 16;
const LENGTH = ID_BYTES + TIME_BYTES + MAC_BYTES;

/**
 * Tokens that open one contact's preferences until they expire. Nothing of them is stored: a token is the contact's id and
 * its time, with a keyed hash over both that nobody else can make.
 */
export class PreferenceLink {
  constructor(private readonly index: BlindIndex) {}

  mint(tenantId: string, { contactId, expiresAt }: LinkedContact): string {
    const body = Buffer.alloc(ID_BYTES + TIME_BYTES);
    body.write(contactId.replaceAll('-', ''), 'hex');
    body.writeUIntBE(expiresAt.getTime(), ID_BYTES, TIME_BYTES);
    return Buffer.concat([body, this.index.hash(tenantId, signedText(body))]).toString('base64url');
  }

  /** Null for what is no token of this tenant, or has expired. */
  read(tenantId: string, token: string, now: Date): LinkedContact | null {
    const bytes = Buffer.from(token.slice(0, 2 * LENGTH), 'base64url');
    if (bytes.length !== LENGTH || bytes.toString('base64url') !== token) return null;
    const [body, mac] = [bytes.subarray(0, -MAC_BYTES), bytes.subarray(-MAC_BYTES)];
    const expiresAt = new Date(body.readUIntBE(ID_BYTES, TIME_BYTES));
    return timingSafeEqual(this.index.hash(tenantId, signedText(body)), mac) && expiresAt > now
      ? { contactId: uuidOf(body), expiresAt }
      : null;
  }
}

/** No address looks like it, so that no hash of an address is one of a token. */
const signedText = (body: Buffer): string => `preference link\0${body.toString('hex')}`;

const uuidOf = (body: Buffer): string => body.toString('hex', 0, ID_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
