/** Somebody else has changed the same people meanwhile: begin again, which transactions do by themselves at this code. */
export class Overtaken extends Error {
  readonly code = '40001';
}

/** Also where somebody has just taken a name that must be unique. */
export const isOvertaken = (error: unknown): boolean =>
  error instanceof Overtaken || (error as { code?: unknown } | null)?.code === '23505';
