/** Texts in the variables of the examples; what the last answer gave is put in their place before a request goes out. */
export const LAST_MESSAGE = '<id of the last message sent here>';
export const LAST_CURSOR = '<cursor of the last message sent here>';
export const LAST_BATCH = '<id of the last batch sent here>';

const PLACEHOLDERS: unknown[] = [LAST_MESSAGE, LAST_CURSOR, LAST_BATCH];

interface Answer {
  sendMessage?: { message?: { id?: string; events?: { cursor?: string }[] } | null };
  sendBulk?: { batch?: { id?: string } | null };
}

/** What was sent outlives a reload of the page. */
export function noteSent(data: unknown): void {
  const { sendMessage, sendBulk } = (data ?? {}) as Answer;
  keep(LAST_MESSAGE, sendMessage?.message?.id);
  keep(LAST_CURSOR, sendMessage?.message?.events?.[0]?.cursor);
  keep(LAST_BATCH, sendBulk?.batch?.id);
}

function keep(placeholder: string, value: string | undefined): void {
  if (value !== undefined) sessionStorage.setItem(placeholder, value);
}

/** Null stands where nothing was sent yet. */
export function fillIn(variables: unknown): unknown {
  const text = JSON.stringify(variables ?? {});
  return JSON.parse(text, (_name, value: unknown) => (PLACEHOLDERS.includes(value) ? sessionStorage.getItem(value as string) : value));
}
