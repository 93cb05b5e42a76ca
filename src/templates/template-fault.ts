/** Which text of a translation. */
export type TemplatePart = 'body' | 'subject' | 'providerRefs';

/** A text that cannot be parsed or rendered. The message names no value of a variable. */
export class TemplateFault extends Error {
  constructor(
    message: string,
    /** Counted from 1. */
    readonly line: number | null,
    readonly kind: 'syntax' | 'missing' | 'value' | 'limit',
    /** The variable that it is about, as a path: "order.total". */
    readonly variable: string | null = null,
    readonly part: TemplatePart = 'body',
  ) {
    super(message);
    this.name = 'TemplateFault';
  }

  in(part: TemplatePart): TemplateFault {
    return new TemplateFault(this.message, this.line, this.kind, this.variable, part);
  }
}
