import type { MessageListInstance } from 'twilio/lib/rest/api/v2010/account/message.js';

const NOT_FOUND = 404;

/** Deletes the media and empties the text. Twilio keeps the numbers for its bills, and refuses while a message is under way. */
export async function redactBySid(messages: MessageListInstance, sid: string): Promise<void> {
  const message = messages(sid);
  try {
    for (const { sid: mediaSid } of await message.media.list()) await message.media(mediaSid).remove();
    await message.update({ body: '' });
  } catch (error) {
    // Deleted there already, or older than Twilio keeps messages.
    if ((error as { status?: number }).status !== NOT_FOUND) throw error;
  }
}
