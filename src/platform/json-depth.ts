/** Whoever writes such a value down again, sorts or compares it calls itself for each level, and the stack has an end. */
export const DEEPEST_JSON = 20;

/** Whether objects and lists stand within each other over more levels than `levels`. */
export const isTooDeep = (value: unknown, levels = DEEPEST_JSON): boolean =>
  typeof value === 'object' && value !== null && (levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1)));
