import { Refusal } from '../../errors.js';

const MOST = 100;
const LONGEST = 100;

/** What a file says about its recipients beside whom and how to send: variables for the template, or nothing that is used. */
export class FurtherColumns {
  /** Those that no message is made of. */
  readonly unused = new Set<string>();

  /** What stands in braces in the text, in small letters. */
  private readonly placeholders: ReadonlySet<string>;
  readonly areVariables: boolean;

  constructor({ body, template }: { body: string | null; template?: string | null }) {
    this.areVariables = Boolean(template);
    this.placeholders = new Set(this.areVariables ? [] : placeholdersIn(body ?? ''));
  }

  /** Throws Refusal INVALID_INPUT for a name that the text counts on, and for texts in the file. */
  add(name: string): void {
    if (this.areVariables || this.unused.has(name)) return;
    this.check(name);
    if (this.unused.size >= MOST) return;
    this.unused.add(name.slice(0, LONGEST));
    if (name.toLowerCase() === 'body')
      throw new Refusal('INVALID_INPUT', 'The text is the same for all recipients: give it as the parameter `body`, not in the file.', [
        'body',
      ]);
  }

  /** Also of a column that is used. Throws Refusal INVALID_INPUT for a name that the text counts on: it would go out as it stands. */
  check(name: string): void {
    if (this.placeholders.size > 0 && this.placeholders.has(name.toLowerCase()))
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

/** Of `{name}`, `{{ Name }}` and `{{ name | default: "you" }}`: name. */
const placeholdersIn = (text: string): string[] =>
  Array.from(text.matchAll(/\{([^{}|]*)[}|]/g), ([, name = '']) => name.trim().toLowerCase());

/** Without a prototype, which a column named __proto__ would otherwise reach. */
const emptyObject = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
