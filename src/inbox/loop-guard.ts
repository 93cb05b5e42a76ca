import type { SenderHistory } from './inbound.queries.js';

/** Automatic answers to one address within an hour. */
const MOST_ANSWERS = 5;
/** The same words so often within ten minutes are a program's. */
const MOST_REPEATS = 3;
/** Messages of one address that are applied within a minute; what comes on top waits its turn in the journal. */
const MOST_PER_MINUTE = 60;

/** Two programs that answer each other stop here. */
export const mayAnswer = ({ answered, repeated }: SenderHistory): boolean => answered < MOST_ANSWERS && repeated < MOST_REPEATS;

export const isStorm = ({ applied }: SenderHistory): boolean => applied >= MOST_PER_MINUTE;
