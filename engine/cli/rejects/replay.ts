import { counted } from '../../../reports/format.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Mapping, Project } from '../../contract/mapping.js';
import { referredTo } from '../../contract/references.js';
import { readLastRun } from '../../state/last-run.js';
import { openKeys, type OpenKeys } from '../../state/open-rejects.js';
import { beginReading, endReading } from '../../state/reading.js';
import type { Databases } from '../databases.js';
import { err, out, type Output } from '../io.js';
import { migrate, type Task } from '../migrate.js';
import type { RejectsFlags } from './flags.js';

/**
 * `etl rejects replay`: reads the rows of open rejects again, by their keys, and loads those whose cause is gone: a run
 * of its own, with its own accounting. Gives the exit code.
 */
export const replay = (folder: string, flags: RejectsFlags, output: Output): Promise<number> => {
  const how = { embedded: flags.embedded, jobs: null, failFast: false, logFile: null };
  return migrate(folder, how, output, async ({ project }, databases) => {
    const open = await readOpen(project, await databases(), folder, flags);
    const say = (line: string): void => {
      if (!output.quiet) err(line);
    };
    const task = open === null ? null : taskOf(project, open, flags.mapping, say);
    if (task !== null) return task;
    const message = 'there are no open rejects to replay';
    if (output.json) out(JSON.stringify({ version: 1, run: null, exit_code: EXIT.done, message }, null, 2));
    else out(message);
    return EXIT.done;
  });
};

/** Null where there is no state yet. @throws EtlError exit 2 while a run waits to be gone on with */
async function readOpen(
  { name, stateSchema }: Project,
  databases: Databases,
  folder: string,
  { embedded }: RejectsFlags,
): Promise<ReadonlyMap<string, OpenKeys> | null> {
  const session = await databases.open('target');
  try {
    const schema = await beginReading(session, stateSchema);
    if (schema === null) return null;
    const last = await readLastRun(session, stateSchema, name);
    if (last?.status === 'running' || last?.status === 'interrupted') {
      throw new EtlError(`run ${last.run} has not come to its end: what it rejects is not settled`, {
        exitCode: EXIT.usage,
        help: `first: etl resume ${folder}${embedded ? ' --embedded' : ''}`,
      });
    }
    const keys = await openKeys(session, schema, name, null);
    await endReading(session);
    return keys;
  } finally {
    await session.close();
  }
}

/** The mappings that are asked for, and with them those whose rejects may have waited for theirs. */
function taskOf(
  project: Project,
  open: ReadonlyMap<string, OpenKeys>,
  asked: readonly string[],
  say: (line: string) => void,
): Task | null {
  const known = new Map(project.mappings.map((mapping) => [mapping.name, mapping]));
  const selected = withDependants(asked.length === 0 ? [...open.keys()] : asked, open, known);
  const keys = new Map<string, readonly (readonly string[])[]>();
  for (const name of selected) {
    const mapping = known.get(name);
    const found = open.get(name);
    if (mapping === undefined) {
      say(`${name}: its rejects stay open, the project has no such mapping any more`);
      continue;
    }
    if (found === undefined) continue;
    if (found.keyless > 0)
      say(`${name}: ${counted(found.keyless, 'row')} without a key cannot be found again; a run reads them`);
    const parts = found.keys.flatMap((key) => keyParts(key, mapping));
    if (parts.length < found.keys.length)
      say(
        `${name}: ${counted(found.keys.length - parts.length, 'key')} of another form: its key has changed since; a run reads them`,
      );
    if (parts.length > 0) keys.set(name, parts);
  }
  return keys.size === 0 ? null : { selected: new Set(keys.keys()), resume: null, fresh: true, replay: keys };
}

/** A key is kept as its text, one of several columns as a JSON array of texts. */
function keyParts(key: string, { source }: Mapping): readonly (readonly string[])[] {
  if (source.key.length === 1) return [[key]];
  try {
    const parts: unknown = JSON.parse(key);
    const fits = Array.isArray(parts) && parts.length === source.key.length;
    return fits && parts.every((part) => typeof part === 'string') ? [parts] : [];
  } catch {
    return [];
  }
}

function withDependants(
  names: readonly string[],
  open: ReadonlyMap<string, OpenKeys>,
  known: ReadonlyMap<string, Mapping>,
): ReadonlySet<string> {
  for (const name of names) {
    if (known.has(name) || open.has(name)) continue;
    throw new EtlError(`no mapping is named "${name}"`, {
      exitCode: EXIT.usage,
      help: `there are ${[...known.keys()].join(', ')}`,
    });
  }
  const selected = new Set(names);
  for (let before = -1; before < selected.size;) {
    before = selected.size;
    for (const name of open.keys()) if (refersToOne(known.get(name), selected)) selected.add(name);
  }
  return selected;
}

const refersToOne = (mapping: Mapping | undefined, others: ReadonlySet<string>): boolean =>
  mapping !== undefined && referredTo(mapping).some((name) => others.has(name));
