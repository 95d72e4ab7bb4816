import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, ParsedNode, Scalar as YamlScalar, YAMLMap } from 'yaml';
import type { Position } from '../contract/problem.js';
import type { Scalar } from '../contract/value.js';
import type { Places } from './places.js';
import { errorAt } from './report.js';
import type { Report } from './report.js';
import { isDecimal } from './scalars.js';
import type { Entry, Node, ScalarNode } from './tree.js';

/** Nodes that aliases may repeat in one file. */
const ALIAS_LIMIT = 10_000;

/** yaml's nodes → the tree, with every anchor built once and every repetition counted. */
export class TreeBuilder {
  readonly #places: Places;
  readonly #report: Report;
  /** Built anchors with their number of nodes; null while one is being built. */
  readonly #anchors = new Map<string, { node: Node; size: number } | null>();
  /** False where an alias could not be followed: what hangs on it would only repeat that. */
  trusted = true;
  #nodes = 0;
  #aliased = 0;

  constructor(places: Places, report: Report) {
    this.#places = places;
    this.#report = report;
  }

  /** `keyAt` marks a value that was left out. */
  build(source: ParsedNode | null, keyAt: Position | null): Node {
    this.#nodes += 1;
    if (source === null) return this.#nothing(keyAt ?? this.#places.span(0, 1));
    if (isAlias(source))
      return this.#follow(source.source, this.#places.span(source.range[0], source.range[1]));
    const { anchor } = source;
    const before = this.#nodes;
    if (anchor !== undefined) this.#anchors.set(anchor, null);
    const node = this.#content(source, keyAt);
    if (anchor !== undefined) this.#anchors.set(anchor, { node, size: this.#nodes - before + 1 });
    return node;
  }

  #content(source: Exclude<ParsedNode, Alias.Parsed>, keyAt: Position | null): Node {
    const [start, end] = source.range;
    const at = this.#places.span(start, end);
    if (isMap(source)) return { kind: 'map', entries: this.#entries(source), at };
    if (isSeq(source)) return { kind: 'list', items: source.items.map((item) => this.build(item, null)), at };
    return this.#scalar(source, keyAt);
  }

  #nothing(at: Position): ScalarNode {
    return { kind: 'scalar', scalar: { type: 'null', text: '' }, raw: '', plain: true, at, textAt: at };
  }

  #scalar(source: YamlScalar.Parsed, keyAt: Position | null): ScalarNode {
    const [start, end] = source.range;
    if (start === end && keyAt !== null) return this.#nothing(keyAt);
    const plain = source.type === 'PLAIN';
    const block = source.type === 'BLOCK_LITERAL' || source.type === 'BLOCK_FOLDED';
    const at = this.#places.span(start, block ? this.#places.endOfLine(start) : end);
    const textAt = plain
      ? at
      : block
        ? this.#places.blockText(start, end)
        : this.#places.span(start + 1, end - 1);
    const scalar = typed(source);
    if (scalar.type === 'number' && !isDecimal(scalar.text)) {
      const help = 'write it in decimal digits, or in quotes if it is text';
      this.#report(errorAt('ETL-YAML-007', at, `"${scalar.text}" is no decimal number`, { help }));
    }
    return { kind: 'scalar', scalar, raw: this.#places.slice(start, end), plain, at, textAt };
  }

  #entries(source: YAMLMap.Parsed): Entry[] {
    const seen = new Map<string, Position>();
    const entries: Entry[] = [];
    for (const pair of source.items) {
      const [start, end] = pair.key.range;
      const keyAt = this.#places.span(start, end);
      if (!isScalar(pair.key)) {
        this.#report(errorAt('ETL-YAML-006', keyAt, 'a key must be a word, text or a number'));
        continue;
      }
      const scalar = typed(pair.key);
      const key = scalar.type === 'null' ? pair.key.source : scalar.text;
      const first = seen.get(key);
      if (first !== undefined) {
        const label = `first on line ${String(first.line)}`;
        this.#report(
          errorAt('ETL-YAML-002', keyAt, `the key "${key}" stands twice`, { label, help: 'remove one' }),
        );
        continue;
      }
      seen.set(key, keyAt);
      entries.push({ key, scalar, keyAt, value: this.build(pair.value, keyAt) });
    }
    return entries;
  }

  #follow(name: string, at: Position): Node {
    const target = this.#anchors.get(name);
    if (target === undefined) return this.#refuse(at, `no anchor "&${name}" stands above`);
    if (target === null) return this.#refuse(at, `the alias "*${name}" contains itself`);
    this.#nodes += target.size;
    this.#aliased += target.size;
    if (this.#aliased <= ALIAS_LIMIT) return target.node;
    return this.#refuse(at, `the aliases of this file repeat more than ${String(ALIAS_LIMIT)} values`);
  }

  /** Only the first is reported: a bomb has thousands. */
  #refuse(at: Position, message: string): ScalarNode {
    if (this.trusted) this.#report(errorAt('ETL-YAML-005', at, message));
    this.trusted = false;
    return this.#nothing(at);
  }
}

/** The scalar's type as yaml resolved it (tags included), its text as the user wrote it. */
function typed(source: YamlScalar.Parsed): Scalar {
  const { value } = source;
  if (value === null) return { type: 'null', text: '' };
  if (typeof value === 'boolean') return { type: 'boolean', text: String(value) };
  if (typeof value === 'string') return { type: 'string', text: value };
  return { type: 'number', text: source.source };
}
