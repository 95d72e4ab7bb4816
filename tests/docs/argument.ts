import type { Json } from '../../engine/contract/value.js';
import { code, table, yamlLine } from './markdown.js';

type JsonMap = Readonly<Record<string, Json>>;

const isMap = (json: Json | undefined): json is JsonMap =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

const list = (json: Json | undefined): readonly Json[] =>
  json === undefined || json === null ? [] : Array.isArray(json) ? (json as readonly Json[]) : [json];

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

/** The values that a JSON Schema lets through, in words. */
function schemaWords(schema: Json): string {
  if (!isMap(schema)) return '';
  const { enum: words, anyOf, type, minimum } = schema;
  if (words !== undefined) {
    return list(words)
      .map((word) => code(yamlLine(word)))
      .join(', ');
  }
  if (anyOf !== undefined) return [...new Set(list(anyOf).map(schemaWords))].join(', or ');
  const names = list(type).map((name) => (typeof name === 'string' ? (TYPES[name] ?? name) : ''));
  const least = typeof minimum === 'number' ? ` from ${String(minimum)}` : '';
  return `${names.join(', ')}${least}`;
}

/** What a JSON Schema's argument is: a sentence, and a table of its named parts where it has some. */
export function argumentText(schema: Json): readonly string[] {
  if (!isMap(schema)) return [];
  const map = [schema, ...list(schema['anyOf'])].find((each) => isMap(each) && isMap(each['properties']));
  const description = typeof schema['description'] === 'string' ? ` ${schema['description']}` : '';
  const argument = `Argument: ${schemaWords(schema)}.${description}`;
  return isMap(map) && isMap(map['properties']) ? [argument, partsTable(map, map['properties'])] : [argument];
}

function partsTable(schema: JsonMap, properties: JsonMap): string {
  const required = list(schema['required']);
  const rows = Object.entries(properties).map(([name, part]) => [
    code(name),
    schemaWords(part),
    required.includes(name) ? 'yes' : '',
    isMap(part) && typeof part['description'] === 'string' ? part['description'] : '',
  ]);
  return table(['part', 'value', 'needed', 'meaning'], rows);
}
