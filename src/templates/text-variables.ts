import { AssignTag, IfTag, Output, TypeGuards, UnlessTag, Value, type PropertyAccessToken, type Template } from 'liquidjs';
import { DEEPEST_JSON } from '../platform/json-depth.js';
import { TemplateFault } from './template-fault.js';
import type { ParsedText } from './text-engine.js';

/** What a text asks of its caller, as paths: "order.total". */
export interface TextVariables {
  required: string[];
  /** Used only where the text has tested them, or with a default. */
  optional: string[];
}

/** Deep enough for people; rendering needs some stack for each level. */
const DEEPEST = 20;

/** The engine gives these to every list and text. */
const VIRTUAL = new Set(['size', 'first', 'last']);

/** What one walk through a text has found. */
interface Found {
  required: Set<string>;
  optional: Set<string>;
  /** Assigned by the text itself: for the rest of it, wherever that stands. */
  assigned: Set<string>;
}

/** What surrounds a part of a text. */
interface Surroundings {
  /** Variables of the loops around it. */
  loops: ReadonlySet<string>;
  /** Tested by the conditions around it, a set for each. */
  tested: readonly ReadonlySet<string>[];
  depth: number;
}

/** Throws TemplateFault for tags that are nested too deeply. */
export function variablesOf(text: ParsedText): TextVariables {
  const found: Found = { required: new Set(), optional: new Set(), assigned: new Set() };
  walk(text, { loops: new Set(), tested: [], depth: 0 }, found);
  return { required: [...found.required], optional: [...found.optional].filter((name) => !found.required.has(name)) };
}

function walk(text: ParsedText, { depth, ...surroundings }: Surroundings, found: Found): void {
  const around = { ...surroundings, depth: depth + 1 };
  for (const part of text) {
    if (depth > DEEPEST) throw new TemplateFault(`Tags are nested at most ${DEEPEST} deep.`, part.token.getPosition()[0] ?? null, 'limit');
    if (part instanceof IfTag) walkIf(part, around, found);
    else if (part instanceof UnlessTag) walkUnless(part, around, found);
    else walkOther(part, around, found);
  }
}

function walkIf({ branches, elseTemplates }: IfTag, around: Surroundings, found: Found): void {
  for (const { value, templates } of branches) walk(templates, withTest(value, around, found), found);
  walk(elseTemplates ?? [], around, found);
}

/** Its own part is shown when the test fails; the others follow tests that held. */
function walkUnless({ branches: [first, ...further], elseTemplates }: UnlessTag, around: Surroundings, found: Found): void {
  const afterwards = first ? withTest(first.value, around, found) : around;
  walk(first?.templates ?? [], around, found);
  for (const { value, templates } of further) walk(templates, withTest(value, afterwards, found), found);
  walk(elseTemplates, afterwards, found);
}

function withTest(test: Value, around: Surroundings, found: Found): Surroundings {
  const names = new Set(namesIn(test));
  const inside = { ...around, tested: [...around.tested, names] };
  for (const name of names) note(name, inside, found);
  return inside;
}

function walkOther(part: Template, around: Surroundings, found: Found): void {
  const defaulted = part instanceof Output || part instanceof AssignTag ? defaultedIn(part) : new Set<string>();
  for (const argument of part.arguments?.() ?? [])
    for (const name of namesIn(argument)) note(name, defaulted.has(name) ? { ...around, tested: [defaulted] } : around, found);
  for (const token of part.localScope?.() ?? []) found.assigned.add(token.content);
  const inner = part.blockScope ? { ...around, loops: new Set([...around.loops, ...part.blockScope()]) } : around;
  const children = part.children?.(false, true).next().value as Template[] | undefined;
  walk(children ?? [], inner, found);
}

/** `{{ name | default: "you" }}` needs no name. */
function defaultedIn(part: Output | AssignTag): Set<string> {
  const [value] = part.arguments();
  if (!(value instanceof Value) || value.filters[0]?.name !== 'default') return new Set();
  const initial = Object.assign(Object.create(Value.prototype) as Value, { initial: value.initial, filters: [] });
  return new Set(namesIn(initial));
}

/** Not by the engine's own analysis, which counts lines from the start of the text for each variable: a second for a text full of them. */
function namesIn(argument: unknown, names: string[] = []): string[] {
  if (argument instanceof Value || TypeGuards.isFilteredValueToken(argument)) {
    for (const token of argument.initial.postfix) namesIn(token, names);
    for (const { args } of argument.filters) for (const arg of args) namesIn(Array.isArray(arg) ? arg[1] : arg, names);
  } else if (TypeGuards.isRangeToken(argument)) {
    namesIn(argument.lhs, names);
    namesIn(argument.rhs, names);
  } else if (TypeGuards.isPropertyAccessToken(argument)) {
    if (argument.variable) namesIn(argument.variable, names);
    else names.push(pathOf(segmentsOf(argument)));
    for (const part of argument.props) namesIn(part, names);
  }
  return names;
}

/** Null for what is computed. */
const segmentsOf = ({ props }: PropertyAccessToken): unknown[] =>
  props.map((part) =>
    TypeGuards.isQuotedToken(part) || TypeGuards.isNumberToken(part) || TypeGuards.isWordToken(part) ? part.content : null,
  );

/** Up to the first index or computed part, and no deeper than any value. */
function pathOf(segments: readonly unknown[]): string {
  const end = segments.findIndex((segment, index) => typeof segment !== 'string' || (index > 0 && VIRTUAL.has(segment)));
  return segments.slice(0, Math.min(end === -1 ? DEEPEST_JSON : end, DEEPEST_JSON)).join('.');
}

function note(name: string, { loops, tested }: Surroundings, { required, optional, assigned }: Found): void {
  const [root = '', ...parts] = name.split('.');
  if (name === '' || loops.has(root) || assigned.has(root)) return;
  let path = root;
  const paths = [root, ...parts.map((part) => (path += `.${part}`))];
  const isTested = paths.some((one) => tested.some((names) => names.has(one)));
  (isTested ? optional : required).add(name);
}
