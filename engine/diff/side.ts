import type { Mapping, Project } from '../contract/mapping.js';
import type { Position } from '../contract/problem.js';
import type { Node } from '../mapping/tree.js';
import { parseYaml } from '../mapping/yaml.js';
import type { Facet, Path } from './facet.js';

/** One of the two states that are compared, as loaded. */
export interface SideInput {
  readonly project: Project;
  readonly name: string;
  readonly hash: string;
  /** By the path that positions carry. */
  readonly texts: ReadonlyMap<string, string>;
  /** The texts of CSV look-ups, by the absolute path that the project names. */
  readonly tables: ReadonlyMap<string, string>;
  /** The path of etl.yaml as positions carry it. */
  readonly etl: string;
  /** Where an absolute path of the project lies, as positions would carry it. */
  readonly shown: (absolute: string) => string;
}

/** A state with the places of everything in its files. */
export class Side {
  readonly project: Project;
  readonly mappings: ReadonlyMap<string, Mapping>;
  readonly #trees = new Map<string, Node | null>();

  constructor(readonly input: SideInput) {
    this.project = input.project;
    this.mappings = new Map(input.project.mappings.map((mapping) => [mapping.name, mapping]));
  }

  /** Where a facet stands, or where it would; `more` leads on to the part of it that is meant. */
  placeOf({ path, near, orElse }: Pick<Facet, 'path' | 'near' | 'orElse'>, more: Path = []): Position {
    const own = this.#deepest(near.file, [...path, ...more]);
    if (orElse === undefined || own.depth >= path.length) return own.depth > 0 ? (own.at ?? near) : near;
    const other = this.#deepest(this.input.etl, orElse);
    return other.depth >= orElse.length ? (other.at ?? near) : near;
  }

  /** Whether a facet is written where it stands, not taken from a default. */
  isWritten({ path, near }: Pick<Facet, 'path' | 'near'>): boolean {
    return this.#deepest(near.file, path).depth === path.length;
  }

  /** The text of a scalar as it is written, variables not put in; null where there is none. */
  text(file: string, path: Path): string | null {
    let node: Node | null | undefined = this.#tree(file);
    for (const step of path) node = below(node, step)?.node;
    return node?.kind === 'scalar' ? node.scalar.text : null;
  }

  #deepest(file: string, path: Path): { readonly at: Position | null; readonly depth: number } {
    let node: Node | null | undefined = this.#tree(file);
    let at: Position | null = null;
    let depth = 0;
    for (const step of path) {
      const next = below(node, step);
      if (next === null) break;
      ({ node, at } = next);
      depth++;
    }
    return { at, depth };
  }

  #tree(file: string): Node | null {
    const known = this.#trees.get(file);
    if (known !== undefined) return known;
    const text = this.input.texts.get(file);
    const isYaml = text !== undefined && /\.ya?ml$/.test(file);
    const tree = isYaml ? parseYaml(file, text, () => undefined) : null;
    this.#trees.set(file, tree);
    return tree;
  }
}

function below(
  node: Node | null | undefined,
  step: string | number,
): { readonly node: Node; readonly at: Position } | null {
  if (node?.kind === 'list' && typeof step === 'number') {
    const item = node.items[step];
    return item === undefined ? null : { node: item, at: item.at };
  }
  const entry = node?.kind === 'map' ? node.entries.find(({ key }) => key === String(step)) : undefined;
  return entry === undefined ? null : { node: entry.value, at: entry.keyAt };
}
