import type { MessageListInstance } from 'twilio/lib/rest/api/v2010/account/message.js';
import type { ChargePage } from '../../provider.js';
import { costOf } from './twilio-receipts.js';

/** The most that Twilio gives at once. */
const PAGE_SIZE = 1000;

/** What Twilio sent from `from` up to `to`, both to the second and included. It has no price for a while, and none for what people write. */
export async function chargesOf(
  messages: MessageListInstance,
  { from, to }: { from: Date; to: Date },
  page: string | null,
): Promise<ChargePage> {
  const found =
    page === null ? await messages.page({ dateSentAfter: from, dateSentBefore: to, pageSize: PAGE_SIZE }) : await messages.getPage(page);
  const charges = found.instances
    .filter(({ direction }) => direction !== 'inbound')
    .flatMap((record) => {
      const cost = costOf(record);
      return cost ? [{ providerMessageId: record.sid, cost }] : [];
    });
  return { charges, next: found.nextPageUrl ?? null };
}
