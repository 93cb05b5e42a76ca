import { Refusal } from '../../errors.js';

const MOST = 100;
const LONGEST = 100;

/** What a file says about its recipients beside whom and how to send: variables for the template, or nothing that is used. */
export class FurtherColumns {
  /** Those that no message is made of. */
  readonly unused = new Set<string>();

  constructor(private readonly terms: { body: string | null; template?: string | null }) {}

  get areVariables(): boolean {
    return Boolean(this.terms.template);
  }

  /** Throws Refusal INVALID_INPUT for a name that a text without a template counts on: it would go out as it stands. */
  add(name: string): void {
    if (this.areVariables || this.unused.has(name) || this.unused.size >= MOST) return;
    this.unused.add(name.slice(0, LONGEST));
    if (name.toLowerCase() === 'body')
      throw new Refusal('INVALID_INPUT', 'The text is the same for all recipients: give it as the parameter `body`, not in the file.', [
        'body',
      ]);
    if (this.terms.body?.includes(`{${name}}`))
      throw new Refusal('INVALID_INPUT', `The text goes out as it stands: {${name}} would not be filled in from the file.`, ['body']);
  }

  /** `order.total` becomes total of order. Null where there is no template, so that nothing is kept for nothing. */
  variables(values: Iterable<readonly [name: string, value: unknown]>): Record<string, unknown> | null {
    if (!this.areVariables) return null;
    const variables = emptyObject();
    for (const [path, value] of values) {
      const names = path.split('.');
      const last = names.pop() ?? path;
      let place = variables;
      for (const name of names) {
        const inner = Object.hasOwn(place, name) ? place[name] : undefined;
        // A copy: what came with the file may have a prototype, which is everybody's.
        place = place[name] = Object.assign(emptyObject(), isObject(inner) ? inner : {});
      }
      place[last] = value;
    }
    return variables;
  }
}

/** Without a prototype, which a column named __proto__ would otherwise reach. */
const emptyObject = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
