/** `npm run test:chaos` runs everything at its full size; inside `npm test` the same stories run shorter. */
const full = process.env['CHAOS'] === 'full';

export const scale = <T>(atFull: T, short: T): T => (full ? atFull : short);
