import type { Position } from '../contract/problem.js';
import type { RuleDefinition } from '../contract/rule.js';
import type { ArgumentError, StepDefinition } from '../contract/step.js';
import { suggest } from '../contract/suggest.js';
import type { Json } from '../contract/value.js';
import { didYouMean } from './report.js';
import { toJson, wholeNumber } from './scalars.js';
import { describeNode, show } from './tree.js';
import type { MapNode, Node } from './tree.js';

/** Where an argument differs from its schema. */
export interface Mismatch {
  readonly at: Position;
  readonly message: string;
  readonly help: string | null;
}

type Schema = Readonly<Record<string, Json>>;

/**
 * Checks a node against the subset of JSON Schema (2020-12) that steps and rules use: type, enum, const,
 * properties, required, additionalProperties, items, minItems, maxItems, minimum, maximum, minLength, maxLength, oneOf,
 * anyOf. ajv knows no YAML positions. Where `properties` stands, others are refused unless
 * `additionalProperties` allows them. `name` names the node in messages.
 */
function mismatches(node: Node, schema: Json, name: string): readonly Mismatch[] {
  if (!isObject(schema)) return [];
  const branches = list(schema['oneOf'] ?? schema['anyOf']);
  if (branches.length > 0) return oneOf(node, branches, name);
  const types = list(schema['type']).filter((type) => typeof type === 'string');
  if (types.length > 0 && !types.some((type) => hasType(node, type, types))) {
    const found = describeNode(node);
    const wanted = types.map(typeInWords).join(' or ');
    const quote = types.includes('string') && node.kind === 'scalar' && node.scalar.type !== 'null';
    const message = `"${name}" must be ${wanted}, not ${found}`;
    return [{ at: node.at, message, help: quote ? 'put it in quotes to make it text' : null }];
  }
  if (node.kind === 'scalar') return scalarMismatches(node, schema, name);
  if (node.kind === 'list') {
    const count = bounds(node.items.length, schema['minItems'], schema['maxItems'], 'items');
    const own = count === null ? [] : [{ at: node.at, message: `"${name}" must have ${count}`, help: null }];
    const items = schema['items'] ?? null;
    return [...own, ...node.items.flatMap((item) => mismatches(item, items, `an item of ${name}`))];
  }
  return mapMismatches(node, schema, name);
}

/** Where the argument of a step or rule differs from its schema. */
export function argumentMismatches(
  node: Node,
  { argument, shape }: Pick<StepDefinition | RuleDefinition, 'argument' | 'shape'>,
  name: string,
): readonly Mismatch[] {
  if (shape === undefined) return mismatches(node, argument, name);
  return shape(toJson(node)).map(({ path, message }) => ({
    at: nodeAt(node, path).at,
    message: `"${path.at(-1) ?? name}" ${message}`,
    help: null,
  }));
}

function nodeAt(node: Node, path: readonly string[]): Node {
  const [first, ...rest] = path;
  if (first === undefined) return node;
  const below =
    node.kind === 'list'
      ? node.items[Number(first)]
      : node.kind === 'map'
        ? node.entries.find(({ key }) => key === first)?.value
        : undefined;
  return below === undefined ? node : nodeAt(below, rest);
}

/** Where an argument that has the right shape cannot be used. */
export function partAt(argument: Node | null, { part }: ArgumentError): Position | undefined {
  const entries = argument?.kind === 'map' && part !== null ? argument.entries : [];
  return entries.find(({ key }) => key === part)?.value.at ?? argument?.at;
}

/** Forms are told apart by the kind of node first, so that a message speaks of the form that was meant. */
function oneOf(node: Node, branches: readonly Json[], name: string): readonly Mismatch[] {
  const results = branches.map((branch) => ({ branch, found: mismatches(node, branch, name) }));
  if (results.some(({ found }) => found.length === 0)) return [];
  const meant = results.filter(({ branch }) => {
    const types = isObject(branch) ? list(branch['type']) : [];
    return types.some((type) => typeof type === 'string' && hasType(node, type, types));
  });
  const [best] = (meant.length > 0 ? meant : results).sort((a, b) => a.found.length - b.found.length);
  if (meant.length > 0 || best === undefined) return best?.found ?? [];
  const types = branches.flatMap((branch) => (isObject(branch) ? list(branch['type']) : []));
  return mismatches(node, { type: [...new Set(types)] }, name);
}

function scalarMismatches(node: Extract<Node, { kind: 'scalar' }>, schema: Schema, name: string): Mismatch[] {
  const value = toJson(node);
  const allowed = 'const' in schema ? [schema['const'] ?? null] : list(schema['enum']);
  if (allowed.length > 0 && !allowed.includes(value)) {
    const words = allowed.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
    const message = `"${name}" cannot be ${show(node)}`;
    return [{ at: node.at, message, help: didYouMean(suggest(node.scalar.text, words), words) }];
  }
  const found = typeof value === 'number' ? bounds(value, schema['minimum'], schema['maximum'], '') : null;
  if (found !== null) return [{ at: node.at, message: `"${name}" must be ${found}`, help: null }];
  if (typeof value !== 'string') return [];
  const length = bounds(value.length, schema['minLength'], schema['maxLength'], 'characters');
  return length === null ? [] : [{ at: node.at, message: `"${name}" must have ${length}`, help: null }];
}

function mapMismatches(node: MapNode, schema: Schema, name: string): Mismatch[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : null;
  const known = Object.keys(properties ?? {});
  const others = schema['additionalProperties'] ?? properties === null;
  const found: Mismatch[] = [];
  for (const entry of node.entries) {
    const own =
      properties !== null && Object.hasOwn(properties, entry.key) ? properties[entry.key] : undefined;
    if (own === undefined && others === false) {
      const help = didYouMean(suggest(entry.key, known), known);
      found.push({ at: entry.keyAt, message: `unknown key "${entry.key}" in "${name}"`, help });
    } else {
      found.push(...mismatches(entry.value, own ?? others, entry.key));
    }
  }
  for (const required of list(schema['required']).filter((each) => typeof each === 'string')) {
    if (node.entries.some((entry) => entry.key === required)) continue;
    found.push({ at: node.at, message: `"${name}" needs the key "${required}"`, help: null });
  }
  return found;
}

/** What a number must be, in words, where it is out of bounds; else null. */
function bounds(value: number, least: Json | undefined, most: Json | undefined, unit: string): string | null {
  const suffix = unit === '' ? '' : ` ${unit}`;
  if (typeof least === 'number' && value < least) return `${String(least)}${suffix} or more`;
  if (typeof most === 'number' && value > most) return `${String(most)}${suffix} or less`;
  return null;
}

/** A number that is no text may be written in one way only, so that it arrives as the number it is. */
function hasType(node: Node, type: Json, types: readonly Json[]): boolean {
  if (node.kind !== 'scalar') return type === (node.kind === 'list' ? 'array' : 'object');
  if (type === 'integer') return node.scalar.type === 'number' && wholeNumber(node.scalar.text) !== null;
  if (type === 'number') {
    return node.scalar.type === 'number' && (types.includes('string') || typeof toJson(node) === 'number');
  }
  return type === node.scalar.type;
}

function typeInWords(type: string): string {
  const words = new Map([
    ['string', 'text'],
    ['integer', 'a whole number'],
    ['number', 'a number'],
    ['boolean', 'true or false'],
    ['array', 'a list'],
    ['object', 'a map'],
  ]);
  return words.get(type) ?? type;
}

function list(json: Json | undefined): readonly Json[] {
  if (json === undefined) return [];
  return isList(json) ? json : [json];
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function isObject(json: Json | undefined): json is Schema {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
