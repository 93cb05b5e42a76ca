const LOOPBACK = /^https?:\/\/(localhost|[^/]+\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])(:\d+)?(\/|$)/i;

/** An address that leads to the caller's own machine. */
export const isLoopback = (url: string): boolean => LOOPBACK.test(url);

/** Where Twilio reports on a message. Our id and attempt ride along: a receipt may come before the answer that brings Twilio's id. */
export const callbackUrl = (publicUrl: string, { id, attempt }: { id: string; attempt: number }): string =>
  `${publicUrl.replace(/\/$/, '')}/webhooks/twilio/status?m=${id}&a=${attempt}`;
