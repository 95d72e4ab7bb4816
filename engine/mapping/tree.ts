import type { Position } from '../contract/problem.js';
import type { Scalar } from '../contract/value.js';

/** A YAML file as positioned data: aliases followed, keys unique, numbers with their digits. */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly scalar: Scalar;
  /** The whole node as the user wrote it, quotes and block header included: what messages may show. */
  readonly raw: string;
  /** True where neither quotes nor a block surround it. */
  readonly plain: boolean;
  readonly at: Position;
  /** The first character of the text itself, behind an opening quote or block header. */
  readonly textAt: Position;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly at: Position;
}

export interface MapNode {
  readonly kind: 'map';
  /** In the order of the file; no `key` stands twice. */
  readonly entries: readonly Entry[];
  readonly at: Position;
}

export interface Entry {
  readonly key: string;
  /** The key with its type, for tables of values: `1` and `"1"` are both the key `1`. */
  readonly scalar: Scalar;
  readonly keyAt: Position;
  readonly value: Node;
}

/** What a node is, in the words of a message: `a list`, `the number 012`, `nothing`. */
export function describeNode(node: Node): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  switch (node.scalar.type) {
    case 'null':
      return node.raw === '' ? 'nothing' : node.raw;
    case 'string':
      return node.scalar.text.trim() === '' ? 'empty text' : 'text';
    case 'number':
      return `the number ${show(node)}`;
    case 'boolean':
      return show(node);
  }
}

/** A scalar as written, cut to one short line. `${NAME}` stays as it stands: its value may be a secret. */
export function show(node: ScalarNode): string {
  const line = node.raw.replace(/\s+/g, ' ').trim();
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

/** Text as written, with one pair of quotes. */
export function quoted(node: ScalarNode): string {
  return node.plain ? `"${show(node)}"` : show(node);
}
