import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { compileProject, type CompiledProject } from '../../engine/compile/project.js';
import type { CompiledColumn, CompiledMapping } from '../../engine/contract/compiled.js';
import { isCompletedLater } from '../../engine/contract/references.js';
import type { Problem } from '../../engine/contract/problem.js';
import { loadProject } from '../../engine/mapping/index.js';
import { Catalogue } from '../../engine/postgres/catalogue.js';
import { PgSession } from '../../engine/postgres/connect.js';
import { STEPS } from '../../engine/steps/index.js';
import { RULES } from '../../validators/index.js';
import { AT } from '../support/compiled.js';
import { createDatabases } from '../support/database.js';

/** What became of binding a project. */
export interface Bound {
  /** Null where there is an error. */
  readonly project: CompiledProject | null;
  /** `ETL-BIND-003 tasks.yaml:4:7+5 the message | the help`, in the order of their finding. */
  readonly problems: readonly string[];
}

/** Two databases whose catalogues mappings are bound to. */
export interface Binder {
  /** @param files mapping name → text; `settings` are lines of etl.yaml */
  bind(files: Readonly<Record<string, string>>, options?: BindOptions): Promise<Bound>;
  close(): Promise<void>;
}

interface BindOptions {
  readonly settings?: string;
  readonly select?: readonly string[];
}

const show = ({ code, message, at, help, related = [] }: Problem): string =>
  `${code} ${at === undefined ? '' : `${path.basename(at.file)}:${String(at.line)}:${String(at.column)}+${String(at.length)} `}${message}${help === undefined ? '' : ` | ${help}`}${related.map((each) => ` | ${each.message} (${each.at.file}:${String(each.at.line)})`).join('')}`;

async function write(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'crosswalk-bind-'));
  await mkdir(path.join(folder, 'mappings'));
  for (const [name, text] of Object.entries(files))
    await writeFile(path.join(folder, 'mappings', name), text);
  return folder;
}

/** Makes the databases and reads projects against them; for a test file's `beforeAll`. */
export async function openBinder(sql: { readonly source: string; readonly target: string }): Promise<Binder> {
  const databases = await createDatabases(sql);
  const open = (name: 'source' | 'target'): Promise<PgSession> =>
    PgSession.open(
      { name, url: databases[name], ssl: null, ca: null, searchPath: [], origin: 'the test', at: AT },
      'bind test',
    );
  const [source, target] = [await open('source'), await open('target')];
  const catalogues = { source: await Catalogue.open(source), target: await Catalogue.open(target) };
  const settings = `version: 1\nproject: trial\nconnections:\n  source: { url: "${databases.source}" }\n  target: { url: "${databases.target}" }\n`;
  const registries = { steps: STEPS, rules: RULES };
  return {
    bind: async (files, options = {}) => {
      const named = Object.entries(files).map(([name, text]) => [`${name}.yaml`, text] as const);
      const folder = await write({
        'etl.yaml': settings + (options.settings ?? ''),
        ...Object.fromEntries(named),
      });
      try {
        const loaded = await loadProject('mappings', {
          ...registries,
          env: {},
          embedded: false,
          cwd: folder,
        });
        if (loaded.project === null) return { project: null, problems: loaded.problems.map(show) };
        const problems: Problem[] = [];
        const selected = new Set(options.select ?? loaded.project.mappings.map(({ name }) => name));
        const sources = new Map([['source', catalogues.source]]);
        const project = await compileProject(
          loaded.project,
          selected,
          sources,
          catalogues.target,
          registries,
          problems,
        );
        return { project, problems: problems.map(show) };
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    close: async () => {
      await source.close();
      await target.close();
      await databases.drop();
    },
  };
}

/** The compiled mapping of a name. @throws with the problems where there is none */
export function mappingOf({ project, problems }: Bound, name: string): CompiledMapping {
  const found = project?.mappings.find(({ mapping }) => mapping.name === name);
  if (found === undefined) throw new Error(`no mapping ${name}: ${problems.join('\n')}`);
  return found;
}

/** How each column is made: `name: bytes q."name" length` or `value …`. */
export function columnsOf({ columns, fields }: CompiledMapping): Readonly<Record<string, string>> {
  const sql = (index: number): string => fields[index]?.sql.replaceAll('\n', '') ?? '?';
  const made = ({ make }: CompiledColumn): string => {
    if (make.kind === 'identity') return make.strategy;
    const checks = make.checks.map(({ kind }) => ` ${kind}`).join('');
    if (make.kind === 'bytes') return `bytes ${sql(make.field)}${checks}`;
    const read = make.origin.kind === 'fields' ? make.origin.fields.map(sql).join(', ') : make.origin.kind;
    const types = [make.keyTypes, ...(make.reference?.parents.map((parent) => parent.keyTypes) ?? [])];
    const keys = types.flatMap((one) => (one.length === 0 ? [] : [` by ${one.join(', ')}`])).join('');
    return `value ${read}${keys}${checks}${isCompletedLater(make) ? ' second pass' : ''}`;
  };
  return Object.fromEntries(columns.map((column) => [column.column.name, made(column)]));
}
