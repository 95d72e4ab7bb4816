import { openDatabases } from '../../engine/cli/databases.js';
import { readProject } from '../../engine/cli/project.js';
import { compileProject } from '../../engine/compile/project.js';
import type { CompiledProject } from '../../engine/compile/project.js';
import type { Problem } from '../../engine/contract/problem.js';
import type { Trace } from '../../engine/contract/trace.js';
import { Catalogue } from '../../engine/postgres/catalogue.js';
import { trace } from '../../engine/trace/trace.js';

const QUIET = { json: false, quiet: true, verbose: false, color: false, colorOut: false, tty: false };

/** A project that is traced again and again, bound once. */
export interface Tracer {
  readonly compiled: CompiledProject;
  /** As `etl trace` does it, over connections that are open. */
  readonly trace: (mapping: string, words: readonly string[], byTarget?: boolean) => Promise<Trace>;
  /** All keys of a mapping's source rows, each as words of a command line. */
  readonly keys: (mapping: string) => Promise<readonly (readonly string[])[]>;
  /** SQL on the target as the project's own role. */
  readonly target: (sql: string) => Promise<readonly (readonly (string | null)[])[]>;
  readonly close: () => Promise<void>;
}

/** Opens a project folder's databases and binds all of its mappings. */
export async function openTracer(folder: string, embedded = false): Promise<Tracer> {
  const loaded = await readProject(folder, embedded ? 'embedded' : 'connections', QUIET);
  const { project } = loaded;
  const databases = await openDatabases(project, embedded, () => undefined);
  const [source, target, other] = [
    await databases.open('source'),
    await databases.open('target'),
    await databases.open('target'),
  ];
  const own = await Catalogue.open(target);
  const catalogues = new Map([
    ['source', await Catalogue.open(source)],
    ['target', own],
  ]);
  const problems: Problem[] = [];
  const names = new Set(project.mappings.map(({ name }) => name));
  const compiled = await compileProject(project, names, catalogues, own, loaded.registries, problems);
  if (compiled === null) throw new Error(JSON.stringify(problems));
  return {
    compiled,
    trace: (mapping, words, byTarget = false) =>
      trace({
        ...{ project, compiled, mapping, words, byTarget, showSensitive: false, full: false, target },
        ...{ ports: loaded.registries, open: databases.open, say: () => undefined },
      }),
    keys: async (mapping) => {
      const one = compiled.mappings.find((each) => each.mapping.name === mapping);
      if (one === undefined) throw new Error(`no mapping ${mapping}`);
      const list = one.key.map((field) => `(${one.fields[field]?.sql ?? ''})::text`).join(', ');
      const { rows } = await source.query(`select distinct ${list} from (${one.rowsSql}) q order by 1`);
      return rows.map((row) => row.map((text) => text ?? ''));
    },
    target: async (sql) => (await other.query(sql)).rows,
    close: async () => {
      for (const session of [source, target, other]) await session.close();
      await databases.close();
    },
  };
}
