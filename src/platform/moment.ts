/** In the years 1 to 9999 of UTC: others have no RFC 3339 text, and PostgreSQL does not read what stands for them instead. */
export const isMoment = (at: Date): boolean => at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999;

/** A date, or a time with its zone; null for anything else, and for a day that its month does not have. */
export function momentIn(text: string): Date | null {
  const [, day] = /^(\d{4}-\d\d-\d\d)(T([01]\d|2[0-3]):\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  if (!day) return null;
  const [at, midnight] = [new Date(text), new Date(day)];
  return isMoment(at) && isMoment(midnight) && midnight.toISOString().startsWith(day) ? at : null;
}
