import type { MessageListInstance } from 'twilio/lib/rest/api/v2010/account/message.js';

const NOT_FOUND = 404;

/** Empties the text and deletes the media. Twilio keeps the numbers for its bills, and refuses while a message is under way. */
export async function redactBySid(messages: MessageListInstance, sid: string): Promise<void> {
  const message = messages(sid);
  await unlessGone(message.update({ body: '' }));
  for (const { sid: mediaSid } of (await unlessGone(message.media.list())) ?? []) await unlessGone(message.media(mediaSid).remove());
}

/** Undefined: deleted there already, or older than Twilio keeps it. */
const unlessGone = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((error: unknown) => {
    if ((error as { status?: number }).status === NOT_FOUND) return undefined;
    throw error;
  });
