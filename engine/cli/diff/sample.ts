import { Catalogue } from '../../postgres/catalogue.js';
import type { PgSession } from '../../postgres/connect.js';
import { bindAll } from '../../check/bind.js';
import { sideBySide } from '../../check/side-by-side.js';
import { makeSpecimens, someKeys, type SpecimenInputs } from '../../check/specimen.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import type { MappingSample, ProjectDiff } from '../../contract/diff.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import { referredTo } from '../../contract/references.js';
import { agreedHash } from '../../plan/agreed.js';
import { openDatabases, type Databases } from '../databases.js';
import { err, type Output } from '../io.js';
import { agreedOf } from '../plan-file.js';
import { connectionsOf, prepare } from '../prepare.js';
import { readProject } from '../project.js';
import type { LoadedSide, Sides } from './sides.js';

/** What a sample shows, and of which mappings it cannot. */
export interface Sampled {
  readonly sample: readonly MappingSample[];
  /** Of head, as `etl plan` names it; null where it does not fit the databases. */
  readonly planHash: string | null;
  readonly notes: readonly string[];
}

/** Where the rows come from. */
export interface SampleFlags {
  /** Rows of each mapping. */
  readonly rows: number;
  readonly embedded: boolean;
}

/**
 * The same source rows through both states of each mapping whose rows a change may alter. Connections are those of the
 * working tree; sessions read, and write nothing.
 */
export async function sampleRows(
  folder: string,
  sides: Pick<Sides, 'base' | 'head'>,
  diff: ProjectDiff,
  { rows, embedded }: SampleFlags,
  output: Output,
): Promise<Sampled> {
  const { project } = await readProject(folder, embedded ? 'embedded' : 'connections', output);
  const databases = await openDatabases(project, embedded, output.quiet ? () => undefined : err);
  const sessions = new Map<string, PgSession>();
  try {
    const all = [...sides.base.project.mappings, ...sides.head.project.mappings];
    for (const name of new Set(['source', 'target', ...all.flatMap(connectionsOf)])) {
      const session = await databases.open(name);
      sessions.set(name, session);
      await session.query('set default_transaction_read_only = on');
    }
    const names = new Set(diff.changes.flatMap(({ needsRun, mappings }) => (needsRun ? mappings : [])));
    const [base, head] = [await bound(sides.base, names, sessions), await bound(sides.head, names, sessions)];
    const sample: MappingSample[] = [];
    const notes: string[] = [];
    for (const name of names) {
      const [old, fresh] = [base.get(name), head.get(name)];
      const wrong = unfit(old?.compiled, fresh?.compiled);
      if (old === undefined || fresh === undefined || wrong !== null)
        notes.push(`no sample of ${name}: ${wrong ?? ''}`);
      else
        sample.push(await compared(old, fresh, rows).catch((error: unknown) => failed(name, error, notes)));
    }
    const plan = await planOf(sides.head, databases, { embedded, output, notes });
    return { sample: sample.filter((one) => one.rows > 0), planHash: plan, notes };
  } finally {
    for (const session of sessions.values()) await session.close();
    await databases.close();
  }
}

/** The hash of what `etl run` would do with head; what does not fit is told of. */
async function planOf(
  { loaded, project }: LoadedSide,
  databases: Databases,
  {
    embedded,
    output,
    notes,
  }: { readonly embedded: boolean; readonly output: Output; readonly notes: string[] },
): Promise<string | null> {
  const selected = new Set(project.mappings.map(({ name }) => name));
  try {
    const prepared = await prepare(loaded, selected, databases, output, { readsOnly: true });
    return agreedHash(agreedOf(loaded, prepared, { selected, embedded }));
  } catch (error) {
    if (!(error instanceof EtlError) || error.exitCode === EXIT.transient) throw error;
    notes.push(`there is no plan: ${error.message}`);
    return null;
  }
}

/** Why the rows of two states cannot be put side by side; null where they can. */
function unfit(base: CompiledMapping | undefined, head: CompiledMapping | undefined): string | null {
  if (base === undefined || head === undefined)
    return 'it does not stand, or does not fit the databases, on both sides';
  const keys = [base, head].map(({ key, fields }) => key.map((field) => fields[field]?.name).join(', '));
  if (base.keyless || head.keyless) return 'it has no source key';
  return keys[0] === keys[1]
    ? null
    : 'its source key differs, so that nobody can tell which rows are the same';
}

async function compared(base: SpecimenInputs, head: SpecimenInputs, rows: number): Promise<MappingSample> {
  const own = async (one: SpecimenInputs): Promise<readonly (readonly string[])[]> =>
    someKeys(one.compiled, one.readerOf(one.compiled.mapping.name), rows);
  const found = [...(await own(base)), ...(await own(head))];
  const keys = [...new Map(found.map((texts) => [JSON.stringify(texts), texts])).values()];
  if (keys.length === 0) return { mapping: head.compiled.mapping.name, rows: 0, columns: [], fates: [] };
  return sideBySide(
    { compiled: base.compiled, fates: await makeSpecimens(base, keys) },
    { compiled: head.compiled, fates: await makeSpecimens(head, keys) },
  );
}

/** A mapping whose rows a state cannot make is told of; a connection that breaks ends it all. */
function failed(mapping: string, error: unknown, notes: string[]): MappingSample {
  if (!(error instanceof EtlError) || error.exitCode === EXIT.transient) throw error;
  notes.push(`no sample of ${mapping}: ${error.message}`);
  return { mapping, rows: 0, columns: [], fates: [] };
}

/** The mappings of one state as far as they fit the databases, those that they refer to bound with them. */
async function bound(
  { project, loaded }: LoadedSide,
  names: ReadonlySet<string>,
  sessions: ReadonlyMap<string, PgSession>,
): Promise<ReadonlyMap<string, SpecimenInputs>> {
  const { registries } = loaded;
  const selected = new Set(
    project.mappings
      .filter(
        ({ name, columns }) =>
          names.has(name) &&
          columns.every(({ steps }) => steps.every((step) => registries.steps.has(step.name))),
      )
      .flatMap((mapping) => [mapping.name, ...referredTo(mapping)]),
  );
  const opened = [...sessions].map(async ([name, session]) => [name, await Catalogue.open(session)] as const);
  const sources = new Map(await Promise.all(opened));
  const target = sources.get('target');
  const session = sessions.get('target');
  if (target === undefined || session === undefined) return new Map();
  const { compiled } = await bindAll(project, selected, { sources, target }, registries);
  const all = new Map((compiled?.mappings ?? []).map((one) => [one.mapping.name, one]));
  const readerAt = (name: string): PgSession => {
    const reader = sessions.get(name);
    if (reader === undefined) throw new Error(`no reader of ${name}`);
    return reader;
  };
  const readerOf = (name: string): PgSession =>
    readerAt(all.get(name)?.mapping.source.connection.value ?? '');
  const shared = { all, ports: registries, readerOf, readerAt, target: session, keys: new Map() };
  const startedAt = '2000-01-01 00:00:00.000000+00';
  return new Map([...all].map(([name, one]) => [name, { ...shared, compiled: one, startedAt }]));
}
