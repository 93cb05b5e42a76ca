import { isUuid } from '../platform/ids.js';
import type { ConversationPlace } from './conversation.queries.js';

/** Of the last activity and the id: what a list of conversations goes by. */
export const keyOf = ({ lastActivityAt, id }: { lastActivityAt: Date; id: string }): string => `${lastActivityAt.getTime()} ${id}`;

export const isPlace = (key: string): boolean => {
  const [at = '', id = '', ...more] = key.split(' ');
  return more.length === 0 && /^\d{1,15}$/.test(at) && isUuid(id);
};

export function placeOf(key: string | null): ConversationPlace | null {
  if (key === null) return null;
  const [at = '', id = ''] = key.split(' ');
  return { at: new Date(Number(at)), id };
}
