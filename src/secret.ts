/** Prints as ••• wherever it is logged or serialised; `reveal` is the only way to the value. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '•••';
  }
  toJSON(): string {
    return '•••';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '•••';
  }
}
