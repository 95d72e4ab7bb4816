import type { BoundOrigin, Field } from '../../contract/compiled.js';
import { isJsonNumber } from '../constant.js';
import type { Row } from './row.js';
import { uuid5, uuid7 } from './uuid.js';

/** What is the same for every row of a run's mapping. */
export interface RunFacts {
  readonly run: string;
  /** ISO 8601 in UTC with microseconds, as PostgreSQL reads it. */
  readonly startedAt: string;
  readonly mapping: string;
  /** UUID under which `generate: uuid5` and identities are made. */
  readonly namespace: string;
}

/** A value before its steps: PostgreSQL's text, booleans as `true` and `false`. */
export type ValueOf = (row: Row) => string | null;

const words = (text: string | null): string | null => (text === 't' ? 'true' : text === 'f' ? 'false' : text);

/** Reads one field. */
export function fieldValue(fields: readonly Field[], index: number): ValueOf {
  return fields[index]?.type.base === 'boolean' ? (row) => words(row.text(index)) : (row) => row.text(index);
}

/** The value of an origin that is one value (a list of fields is the caller's). */
export function originValue(
  origin: BoundOrigin,
  fields: readonly Field[],
  key: readonly number[],
  facts: RunFacts,
): ValueOf {
  switch (origin.kind) {
    case 'fields':
      return fieldValue(fields, origin.fields[0] ?? -1);
    case 'constant':
      return () => origin.text;
    case 'generate':
      if (origin.what === 'now') return () => facts.startedAt;
      if (origin.what === 'uuid7') return () => uuid7();
      return (row) => uuid5(facts.namespace, keyJson(row, key));
    case 'run': {
      const value =
        origin.what === 'id' ? facts.run : origin.what === 'mapping' ? facts.mapping : facts.startedAt;
      return () => value;
    }
    case 'key':
      return key.length === 1 ? fieldValue(fields, key[0] ?? -1) : (row) => keyJson(row, key);
    case 'row':
    case 'object':
    case 'array':
      return jsonValue(origin, fields, key, facts);
  }
}

/** Every field that an origin reads. */
export function fieldsOf(origin: BoundOrigin): readonly number[] {
  switch (origin.kind) {
    case 'fields':
    case 'row':
      return origin.fields;
    case 'object':
      return origin.entries.flatMap((entry) => fieldsOf(entry.origin));
    case 'array':
      return origin.items.flatMap(fieldsOf);
    case 'constant':
    case 'generate':
    case 'run':
    case 'key':
      return [];
  }
}

/** The key's texts as a JSON array: what identities are named by, and composite keys are shown as. */
export const keyJson = (row: Row, key: readonly number[]): string =>
  JSON.stringify(key.map((field) => row.text(field)));

/** A field as JSON: numbers with all their digits, booleans, JSON itself, all else as text. */
function fieldJson(fields: readonly Field[], index: number): (row: Row) => string {
  const read = fieldValue(fields, index);
  switch (fields[index]?.type.base) {
    case 'integer':
    case 'numeric':
    case 'float':
      return (row) => {
        const value = read(row);
        if (value === null) return 'null';
        return isJsonNumber(value) ? value : JSON.stringify(value);
      };
    case 'boolean':
    case 'json':
      return (row) => read(row) ?? 'null';
    case undefined:
    default:
      return (row) => JSON.stringify(read(row));
  }
}

/** An origin as a piece of JSON. */
function jsonValue(
  origin: BoundOrigin,
  fields: readonly Field[],
  key: readonly number[],
  facts: RunFacts,
): (row: Row) => string {
  switch (origin.kind) {
    case 'fields': {
      const parts = origin.fields.map((field) => fieldJson(fields, field));
      const [first] = parts;
      if (first !== undefined && parts.length === 1) return first;
      return (row) => `[${parts.map((part) => part(row)).join(', ')}]`;
    }
    case 'constant':
      return () => origin.json;
    case 'object': {
      const entries = origin.entries.map((entry) => ({
        head: `${JSON.stringify(entry.key)}: `,
        value: jsonValue(entry.origin, fields, key, facts),
      }));
      return (row) => `{${entries.map(({ head, value }) => head + value(row)).join(', ')}}`;
    }
    case 'array': {
      const items = origin.items.map((item) => jsonValue(item, fields, key, facts));
      return (row) => `[${items.map((item) => item(row)).join(', ')}]`;
    }
    case 'row': {
      const entries = origin.fields.map((field) => ({
        head: `${JSON.stringify(fields[field]?.name ?? '')}: `,
        value: fieldJson(fields, field),
      }));
      return (row) => `{${entries.map(({ head, value }) => head + value(row)).join(', ')}}`;
    }
    case 'key': {
      const [only] = key;
      return key.length === 1 && only !== undefined ? fieldJson(fields, only) : (row) => keyJson(row, key);
    }
    case 'generate':
    case 'run': {
      const value = originValue(origin, fields, key, facts);
      return (row) => JSON.stringify(value(row));
    }
  }
}

/** A whole source row as JSON, for the reject that keeps it; sensitive values are masked. */
export function rowJson(row: Row, fields: readonly Field[]): string {
  const seen = new Set<string>();
  const parts = fields.flatMap((field, index) => {
    if (seen.has(field.name)) return [];
    seen.add(field.name);
    const value = row.text(index);
    const text = field.sensitive && value !== null ? '***' : value;
    return [`${JSON.stringify(field.name)}: ${JSON.stringify(text)}`];
  });
  return `{${parts.join(', ')}}`;
}
