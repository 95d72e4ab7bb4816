import type { Position } from '../contract/problem.js';
import { errorAt } from './report.js';
import type { Report } from './report.js';
import { resolvePlain } from './scalars.js';
import type { Entry, Node, ScalarNode } from './tree.js';

/** The keys of etl.yaml that must stand there. */
const NEEDED: ReadonlySet<string> = new Set(['version', 'project', 'url', 'table']);

type Variables = Readonly<Record<string, string | undefined>>;

/** Where `${NAME}` takes its value from: the environment goes before `.env`. */
export interface Environment {
  readonly variables: Variables;
  /** The variables of the `.env` file beside etl.yaml. */
  readonly dotenv: Variables;
  /** True where a variable that `connections` lacks is no error: `--embedded` builds them. */
  readonly lenientConnections: boolean;
}

/** etl.yaml with its variables put in. */
export interface Substituted {
  readonly root: Node;
  /** By {@link placeKey} of a value with variables: `SOURCE_DATABASE_URL from the environment`. */
  readonly origins: ReadonlyMap<string, string>;
  /** Values, by {@link placeKey}, that lack a variable and still read `${NAME}`; most are left out of `root`. */
  readonly missing: ReadonlySet<string>;
}

export function placeKey({ line, column }: Position): string {
  return `${String(line)}:${String(column)}`;
}

/** Puts variables into every scalar value of etl.yaml; problems name the variable, never a value. */
export function substitute(root: Node, environment: Environment, report: Report): Substituted {
  const substitution = new Substitution(environment, report);
  return {
    root: substitution.node(root, false, 0),
    origins: substitution.origins,
    missing: substitution.missing,
  };
}

class Substitution {
  readonly origins = new Map<string, string>();
  readonly missing = new Set<string>();
  readonly #environment: Environment;
  readonly #report: Report;

  constructor(environment: Environment, report: Report) {
    this.#environment = environment;
    this.#report = report;
  }

  node(node: Node, lenient: boolean, depth: number): Node {
    if (node.kind === 'scalar') return this.#scalar(node, lenient);
    if (node.kind === 'list') {
      return { ...node, items: node.items.map((item) => this.node(item, lenient, depth + 1)) };
    }
    const entries = node.entries.map((entry) => {
      const connections = depth === 0 && entry.key === 'connections';
      const below = lenient || (connections && this.#environment.lenientConnections);
      return { ...entry, value: this.node(entry.value, below, depth + 1) };
    });
    return { ...node, entries: entries.filter((entry) => !this.#dropped(entry)) };
  }

  /** A key without its value is as good as left out, unless it would then be missed. */
  #dropped({ key, value }: Entry): boolean {
    return !NEEDED.has(key) && this.missing.has(placeKey(value.at));
  }

  #scalar(node: ScalarNode, lenient: boolean): ScalarNode {
    const { type, text } = node.scalar;
    if (type !== 'string' || !text.includes('${')) return node;
    const origins: string[] = [];
    let index = 0;
    const value = text.replace(/\$\{([^}]*)(\}?)/g, (written, inner: string, end: string) => {
      const at = variableAt(node, index++, written.length);
      const found = end === '' ? null : this.#variable(inner, at, lenient);
      if (found !== null) origins.push(found.origin);
      return found?.value ?? written;
    });
    if (origins.length < index) {
      this.missing.add(placeKey(node.at));
      return node;
    }
    this.origins.set(placeKey(node.at), origins.join(', '));
    return { ...node, scalar: node.plain ? resolvePlain(value) : { type: 'string', text: value } };
  }

  #variable(inner: string, at: Position, lenient: boolean): { value: string; origin: string } | null {
    const match = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inner);
    if (match === null) {
      const help = 'write ${NAME} or ${NAME:-default}';
      this.#report(errorAt('ETL-ENV-002', at, 'this names no variable', { help }));
      return null;
    }
    const [, name = '', fallback] = match;
    const found = this.#lookUp(name);
    if (found !== null) return found;
    if (fallback !== undefined) return { value: fallback, origin: `the default of ${name}` };
    if (!lenient) {
      const label = 'neither in the environment nor in .env';
      const help = `set ${name}, or write \${${name}:-default}`;
      this.#report(errorAt('ETL-ENV-001', at, `the variable ${name} has no value`, { label, help }));
    }
    return null;
  }

  /** An empty variable counts as none, as in the shell's `:-`. */
  #lookUp(name: string): { value: string; origin: string } | null {
    const { variables, dotenv } = this.#environment;
    const set = own(variables, name);
    if (set !== '') return { value: set, origin: `${name} from the environment` };
    const written = own(dotenv, name);
    return written === '' ? null : { value: written, origin: `${name} from .env` };
  }
}

function own(variables: Variables, name: string): string {
  return (Object.hasOwn(variables, name) ? variables[name] : undefined) ?? '';
}

/** Where the variable number `index` of a one-line scalar stands. */
function variableAt(node: ScalarNode, index: number, length: number): Position {
  if (node.raw.includes('\n')) return node.at;
  let offset = -1;
  for (let seen = 0; seen <= index; seen++) offset = node.raw.indexOf('${', offset + 1);
  return offset < 0 ? node.at : { ...node.at, column: node.at.column + offset, length };
}
