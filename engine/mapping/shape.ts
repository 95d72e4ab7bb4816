import type { Json } from '../contract/value.js';

/**
 * The language's specification as plain data: what the checker reads by, and what JSON Schema and the
 * reference pages are generated from.
 */
export type Shape =
  /** `what`: the kind of text in words (`a column`, `SQL`). */
  | { readonly form: 'text'; readonly what: string }
  /** SQL of a database, parsed offline. */
  | { readonly form: 'sql'; readonly holds: SqlKind }
  | { readonly form: 'integer'; readonly minimum: number }
  /** Any scalar: a constant, kept with its digits. */
  | { readonly form: 'scalar' }
  /** Rows, or per cent of the rows read. */
  | { readonly form: 'threshold' }
  | { readonly form: 'boolean' }
  /** A length of time: `90s`, `15m`, `1h`, `2d`. */
  | { readonly form: 'duration' }
  | { readonly form: 'word'; readonly words: Words }
  | { readonly form: 'list'; readonly items: Shape }
  | { readonly form: 'one_or_more'; readonly items: Shape }
  /** A map whose keys the user names; `keys`: what they name. */
  | { readonly form: 'record'; readonly keys: string; readonly values: Shape }
  | KeysShape
  /** Told apart by the kind of YAML node alone. */
  | { readonly form: 'either'; readonly scalar?: Shape; readonly list?: Shape; readonly map?: Shape }
  /** The shapes of these stand in their registries. */
  | { readonly form: 'step' | 'rule' }
  /** A shape that may contain itself. */
  | { readonly form: 'named'; readonly name: string; readonly shape: () => Shape };

/** `query`: one select; `expression`: one value of a row; `statements`: of any kind, one or several. */
export type SqlKind = 'query' | 'expression' | 'statements';

export type Words = Readonly<Record<string, WordDoc>>;

export interface WordDoc {
  /** One sentence for the reference. */
  readonly doc: string;
}

export interface KeysShape {
  readonly form: 'keys';
  /** What the map is, with its article: `a source`. */
  readonly what: string;
  readonly keys: Readonly<Record<string, KeyDoc>>;
  readonly limits: Limits;
}

export interface KeyDoc {
  /** One sentence for the reference. */
  readonly doc: string;
  readonly required?: true;
  /** In words, for the reference. */
  readonly default?: string;
  /** A value as a file would have it. */
  readonly example?: Json;
  readonly shape: Shape;
}

export interface Limits {
  /** Groups of keys of which exactly one stands there. */
  readonly exactlyOne?: readonly (readonly string[])[];
  readonly atMostOne?: readonly (readonly string[])[];
  /** Key → the keys of which one must stand beside it. */
  readonly needs?: Readonly<Record<string, readonly string[]>>;
}

/** A shape in a message's words: `text`, `a list or a map`. */
export function describeShape(shape: Shape): string {
  switch (shape.form) {
    case 'text':
      return shape.what;
    case 'sql':
      return 'SQL';
    case 'integer':
      return `a whole number from ${String(shape.minimum)}`;
    case 'scalar':
      return 'a text, number, true, false or null';
    case 'threshold':
      return 'a number of rows (100) or a percentage (1%)';
    case 'boolean':
      return 'true or false';
    case 'duration':
      return 'a length of time (90s, 15m, 1h, 2d)';
    case 'word':
      return `one of ${Object.keys(shape.words).join(', ')}`;
    case 'list':
      return 'a list';
    case 'one_or_more':
      return `${describeShape(shape.items)} or a list of them`;
    case 'either':
      return [shape.scalar, shape.list, shape.map]
        .filter((each) => each !== undefined)
        .map(describeShape)
        .join(' or ');
    case 'record':
      return `a map of ${shape.keys}`;
    case 'keys':
      return 'a map';
    case 'step':
    case 'rule':
      return `a ${shape.form}`;
    case 'named':
      return describeShape(shape.shape());
  }
}
