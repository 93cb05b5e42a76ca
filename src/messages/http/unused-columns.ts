import { Refusal } from '../../errors.js';

const MOST = 100;
const LONGEST = 100;

/** Names of what a file says about its recipients and no message is made of. */
export class UnusedColumns {
  readonly names = new Set<string>();

  constructor(private readonly body: string | null) {}

  /** Throws Refusal INVALID_INPUT for a name that the text counts on: it would go out as it stands. */
  add(name: string): void {
    if (this.names.has(name) || this.names.size >= MOST) return;
    this.names.add(name.slice(0, LONGEST));
    if (name.toLowerCase() === 'body')
      throw new Refusal('INVALID_INPUT', 'The text is the same for all recipients: give it as the parameter `body`, not in the file.', [
        'body',
      ]);
    if (this.body?.includes(`{${name}}`))
      throw new Refusal('INVALID_INPUT', `The text goes out as it stands: {${name}} would not be filled in from the file.`, ['body']);
  }
}
