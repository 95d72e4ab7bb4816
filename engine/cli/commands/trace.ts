import { compileProject, type CompiledProject } from '../../compile/project.js';
import { EXIT, EtlError, ProblemsError } from '../../contract/errors.js';
import type { Mapping, Project } from '../../contract/mapping.js';
import type { Problem } from '../../contract/problem.js';
import { referredTo } from '../../contract/references.js';
import { suggest } from '../../contract/suggest.js';
import { Catalogue } from '../../postgres/catalogue.js';
import type { PgSession } from '../../postgres/connect.js';
import { OBEY_POLICIES, obeying, obeysPolicies } from '../../run/row-security.js';
import { trace } from '../../trace/trace.js';
import { traceText } from '../../../reports/trace/text.js';
import { openDatabases } from '../databases.js';
import { err, out, type Output } from '../io.js';
import { connectionsOf } from '../prepare.js';
import { readProject, showProblems, type Loaded } from '../project.js';

export interface TraceFlags {
  readonly embedded: boolean;
  /** The key is that of a row of the target. */
  readonly target: boolean;
  readonly showSensitive: boolean;
  readonly full: boolean;
}

/** Cells where stdout is no terminal. */
const WIDTH = 120;

/** `etl trace`: one record from its source row to the target, or to what rejects it; loads nothing. */
export async function traceCommand(
  folder: string,
  mapping: string,
  words: readonly string[],
  flags: TraceFlags,
  output: Output,
): Promise<number> {
  const loaded = await readProject(folder, flags.embedded ? 'embedded' : 'connections', output);
  const { project } = loaded;
  const needed = neededBy(project, mapping);
  const say = (line: string): void => {
    if (!output.quiet) err(line);
  };
  const databases = await openDatabases(project, flags.embedded, say);
  const sessions = new Map<string, PgSession>();
  try {
    for (const name of new Set(['target', ...needed.flatMap(connectionsOf)])) {
      sessions.set(name, await databases.open(name));
    }
    const target = sessions.get('target');
    if (target === undefined) throw new Error('no target');
    const compiled = await bind(loaded, needed, sessions, output);
    if (obeysPolicies(compiled.mappings)) await target.query(OBEY_POLICIES);
    const found = await trace({
      project,
      compiled,
      mapping,
      words,
      byTarget: flags.target,
      showSensitive: flags.showSensitive,
      full: flags.full,
      ports: loaded.registries,
      target,
      open: obeying(databases.open, compiled.mappings),
      say: (line) => {
        if (output.verbose) say(line);
      },
    });
    if (output.json) out(JSON.stringify({ version: 1, project: project.name, ...found }, null, 2));
    else
      out(
        traceText(found, {
          color: output.colorOut,
          width: process.stdout.isTTY ? process.stdout.columns : WIDTH,
        }),
      );
    return EXIT.done;
  } finally {
    for (const session of sessions.values()) await session.close();
    await databases.close();
  }
}

/** The mapping, those that its rows hang on, and those that fill its rows. @throws EtlError exit 2 for an unknown name */
function neededBy({ mappings }: Project, name: string): readonly Mapping[] {
  const known = new Map(mappings.map((mapping) => [mapping.name, mapping]));
  if (!known.has(name)) {
    const near = suggest(name, [...known.keys()]);
    const help = near === null ? `there are ${[...known.keys()].join(', ')}` : `did you mean "${near}"?`;
    throw new EtlError(`no mapping is named "${name}"`, { exitCode: EXIT.usage, help });
  }
  const needed = new Set([name]);
  for (const one of needed) {
    const mapping = known.get(one);
    if (mapping === undefined) continue;
    const table = mapping.target.table.value;
    const sharing = mappings.filter(({ target }) => target.table.value === table);
    const names = [
      ...referredTo(mapping),
      ...mapping.dependsOn.map(({ value }) => value),
      ...sharing.map((other) => other.name),
    ];
    for (const other of names) needed.add(other);
  }
  return mappings.filter((mapping) => needed.has(mapping.name));
}

/** @throws ProblemsError where one of the mappings does not fit the databases */
async function bind(
  loaded: Loaded,
  needed: readonly Mapping[],
  sessions: ReadonlyMap<string, PgSession>,
  output: Output,
): Promise<CompiledProject> {
  const opened = [...sessions].map(async ([name, session]) => [name, await Catalogue.open(session)] as const);
  const catalogues = new Map(await Promise.all(opened));
  const target = catalogues.get('target');
  if (target === undefined) throw new Error('no target');
  const problems: Problem[] = [];
  const names = new Set(needed.map(({ name }) => name));
  const { project, registries } = loaded;
  const compiled = await compileProject(project, names, catalogues, target, registries, problems);
  const errors = problems.filter(({ severity }) => severity === 'error');
  showProblems(errors, loaded.texts, output);
  if (compiled === null) throw new ProblemsError(errors);
  return compiled;
}
