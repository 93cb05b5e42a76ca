import { Context, Liquid, LiquidError, UndefinedVariableError, toValueSync, type Template } from 'liquidjs';
import type { Reader } from './reader.js';
import { TemplateFault } from './template-fault.js';
import { limitFilters, outputFilter, setReader, WrongValue } from './text-filters.js';

export const LONGEST_SOURCE = 20_000;
/** Characters of a rendered text. The longest that any channel takes is shorter. */
const LONGEST_TEXT = 100_000;
/** Characters and items that filters and ranges may make on the way. */
const MOST_MEMORY = 500_000;
/** By the clock, which goes on while the process waits for a processor: what takes longer is tried again, until it has used as much itself. */
const RENDER_MS = 100;
const OWN_MICROS = (RENDER_MS * 1000) / 2;
const TRIES = 20;

/** Neither files nor counters nor tables: what is not here cannot be used. */
const TAGS = new Set(['if', 'unless', 'case', 'for', 'break', 'continue', 'assign', 'comment', 'raw', '#']);

const engine = makeEngine();

function makeEngine(): Liquid {
  const liquid = new Liquid({
    templates: {},
    dynamicPartials: false,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    parseLimit: LONGEST_SOURCE,
    memoryLimit: MOST_MEMORY,
    outputEscape: outputFilter as never,
  });
  for (const name of Object.keys(liquid.tags)) if (!TAGS.has(name)) delete liquid.tags[name];
  limitFilters(liquid);
  return liquid;
}

export type ParsedText = readonly Template[];

/** Throws TemplateFault. */
export function parseText(source: string): ParsedText {
  if (source.length > LONGEST_SOURCE) throw new TemplateFault(`At most ${LONGEST_SOURCE.toLocaleString('en')} characters.`, null, 'limit');
  try {
    return engine.parse(source);
  } catch (error) {
    throw faultOf(error, 'syntax');
  }
}

/** Throws TemplateFault. Takes at most some tenths of a second, whatever the text does. */
export function renderText(parsed: ParsedText, variables: Readonly<Record<string, unknown>>, reader: Reader): string {
  // Most texts have nothing to fill in.
  if (parsed.length === 0) return '';
  let began: NodeJS.CpuUsage | null = null;
  for (let tried = 1; ; tried++) {
    try {
      return renderOnce(parsed, variables, reader);
    } catch (error) {
      const isSlow = began !== null && microsSince(began) > OWN_MICROS;
      if (!isLate(error) || isSlow || tried === TRIES) throw faultOf(error, 'value');
      began ??= process.threadCpuUsage();
    }
  }
}

function microsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(began);
  return user + system;
}

function renderOnce(parsed: ParsedText, variables: Readonly<Record<string, unknown>>, reader: Reader): string {
  const context = new Context(variables, engine.options, { sync: true, renderLimit: RENDER_MS }, { liquid: engine });
  setReader(context, reader);
  const text = new BoundedText();
  toValueSync(engine.renderer.renderTemplates(parsed as Template[], context, text));
  return text.buffer;
}

class BoundedText {
  buffer = '';

  write(part: unknown): void {
    if (part !== null && part !== undefined) this.buffer += Array.isArray(part) ? part.join('') : (part as string | number).toString();
    if (this.buffer.length > LONGEST_TEXT) throw new Error('text length limit exceeded');
  }
}

const isLate = (error: unknown): boolean => error instanceof Error && error.message.includes('render limit exceeded');

function faultOf(error: unknown, kind: 'syntax' | 'value'): TemplateFault {
  if (error instanceof TemplateFault) return error;
  // The engine's first look at the clock is outside of what it makes errors of its own.
  if (!LiquidError.is(error) && isLate(error)) return new TemplateFault(LATE, null, 'limit');
  if (!LiquidError.is(error)) throw error;
  const cause = rootOf(error);
  // Thousands of nested tags exhaust the stack; texts and lists have a longest length.
  if (cause instanceof RangeError)
    return new TemplateFault('It takes too much: tags in too many tags, or too large a value.', null, 'limit');
  const [line = null] = error.token.getPosition();
  // The engine appends the place to the message; ours stands beside it.
  const message = cause.message.replace(/, (file:.*, )?line:\d+, col:\d+$/, '');
  if (message.endsWith('limit exceeded')) return new TemplateFault(LIMITS[message] ?? 'It takes too much.', line, 'limit');
  if (error instanceof UndefinedVariableError || cause.name === 'InternalUndefinedVariableError') {
    const variable = (cause as { variableName?: string }).variableName ?? error.token.getText();
    return new TemplateFault(`The variable ${variable} is missing.`, line, 'missing', variable);
  }
  if (cause instanceof WrongValue)
    return new TemplateFault(`${subjectOf(error)} expects ${cause.message}.`, line, 'value', variableOf(error));
  return new TemplateFault(`${message.charAt(0).toUpperCase()}${message.slice(1)}.`, line, kind);
}

const LATE = 'Rendering takes too long.';
const LIMITS: Record<string, string> = {
  'template render limit exceeded': LATE,
  'memory alloc limit exceeded': 'Rendering takes too much memory.',
  'text length limit exceeded': `The text is longer than ${LONGEST_TEXT.toLocaleString('en')} characters.`,
};

const rootOf = (error: LiquidError): Error => {
  let cause: Error = error;
  while (LiquidError.is(cause) && cause.originalError) cause = cause.originalError;
  return cause;
};

const subjectOf = (error: LiquidError): string => error.token.getText().trim().slice(0, 100);

/** Of `{{ order.total | money }}`: order.total. */
const variableOf = (error: LiquidError): string | null => /^\{\{-?\s*([\p{L}_][\p{L}\p{N}_.-]*)/u.exec(error.token.getText())?.[1] ?? null;
