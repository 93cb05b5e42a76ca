import { Channel } from '../../../vocabulary.js';

const WHATSAPP = 'whatsapp:';

/** A number as Twilio wants it on a channel. */
export const addressFor = (channel: Channel, number: string): string => (channel === Channel.WHATSAPP ? WHATSAPP + number : number);

/** Null for an address on another channel of Twilio's ("messenger:…", "rcs:…"). */
export function addressOf(address: string | null): { channel: Channel; number: string } | null {
  if (!address) return null;
  if (address.startsWith(WHATSAPP)) return { channel: Channel.WHATSAPP, number: address.slice(WHATSAPP.length) };
  return address.includes(':') ? null : { channel: Channel.SMS, number: address };
}
