import type { Caller } from '../accounts/caller.js';
import { seesPersonalData } from '../accounts/rights.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { maskAddress } from '../platform/masking.js';
import { openInbound, type InboundContent } from './inbound-content.js';
import type { InboundRow } from './inbound.row.js';

const MASKED = '•••';

/** Shows the personal part of a message to those who may see it, and a mask to others. Opens each row at most once. */
export class InboundReader {
  private readonly opened = new WeakMap<InboundRow, InboundContent | null>();

  constructor(private readonly sealer: Sealer) {}

  from(row: InboundRow, { role }: Caller): string {
    const from = this.content(row)?.from ?? '';
    return seesPersonalData(role) ? from : maskAddress(from);
  }

  /** Our own number is nobody's secret. */
  to(row: InboundRow): string {
    return this.content(row)?.to ?? '';
  }

  body(row: InboundRow, { role }: Caller): string | null {
    const body = this.content(row)?.body ?? null;
    return body === null || seesPersonalData(role) ? body : MASKED;
  }

  mediaUrls(row: InboundRow, { role }: Caller): string[] {
    const urls = this.content(row)?.mediaUrls ?? [];
    return seesPersonalData(role) ? urls : urls.map(() => MASKED);
  }

  /** What an operator should know beyond the words; null where there is nothing. */
  explanation({ providerBlocked, provider, answer, review }: InboundRow): string | null {
    const notes = [
      ...(providerBlocked
        ? [
            `The answer was to the question that was open, but ${provider} took the word for an opt-out and refuses further messages to this person until they send START or UNSTOP.`,
          ]
        : []),
      ...(answer === 'HELD_BACK'
        ? ['No automatic answer: this sender has had as many as one gets, or repeats itself like a program.']
        : []),
      ...(review === 'NEEDED' ? ['It may be an opt-out: somebody has to read it (resolveInboundReview).'] : []),
    ];
    return notes.length > 0 ? notes.join(' ') : null;
  }

  private content(row: InboundRow): InboundContent | null {
    let content = this.opened.get(row);
    if (content === undefined) {
      content = row.sealed ? openInbound(this.sealer, row.tenantId, row.sealed) : null;
      this.opened.set(row, content);
    }
    return content;
  }
}
