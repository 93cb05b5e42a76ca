/** In the years 1 to 9999 of UTC: others have no RFC 3339 text, and PostgreSQL does not read what stands for them instead. */
export const isMoment = (at: Date): boolean => at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999;
