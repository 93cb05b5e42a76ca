/** An embedded server cannot run here. The message says why and what to do: print it as it is, without a stack. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
}
