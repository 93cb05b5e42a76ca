/** Somebody else has changed the same people meanwhile: begin again, which transactions do by themselves at this code. */
export class Overtaken extends Error {
  readonly code = '40001';
}
