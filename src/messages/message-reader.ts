import type { Caller } from '../accounts/caller.js';
import { seesPersonalData } from '../accounts/rights.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { maskAddress } from '../platform/masking.js';
import { openContent, type MessageContent } from './message-content.js';
import type { MessageRow } from './message.row.js';

const MASKED = '•••';

/** Shows the personal part of a message to those who may see it, and a mask to others. Opens each row at most once. */
export class MessageReader {
  private readonly opened = new WeakMap<MessageRow, MessageContent | null>();

  constructor(private readonly sealer: Sealer) {}

  to(row: MessageRow, { role }: Caller): string {
    const to = this.content(row)?.to ?? '';
    return seesPersonalData(role) ? to : maskAddress(to);
  }

  from(row: MessageRow, { role }: Caller): string | null {
    const from = this.content(row)?.from ?? null;
    return from === null || seesPersonalData(role) ? from : maskAddress(from);
  }

  body(row: MessageRow, { role }: Caller): string | null {
    const body = this.content(row)?.body ?? null;
    return body === null || seesPersonalData(role) ? body : MASKED;
  }

  mediaUrls(row: MessageRow, { role }: Caller): string[] {
    const urls = this.content(row)?.mediaUrls ?? [];
    return seesPersonalData(role) ? urls : urls.map(() => MASKED);
  }

  private content(row: MessageRow): MessageContent | null {
    let content = this.opened.get(row);
    if (content === undefined) {
      content = row.sealed ? openContent(this.sealer, row.tenantId, row.sealed) : null;
      this.opened.set(row, content);
    }
    return content;
  }
}
