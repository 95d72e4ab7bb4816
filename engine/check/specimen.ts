import type { BatchOutcome } from '../contract/batch.js';
import type { CompiledMapping } from '../contract/compiled.js';
import { unescapeCopy } from '../contract/copy-text.js';
import { referencesOf } from '../contract/references.js';
import type { Session } from '../contract/session.js';
import { rowProgram } from '../compile/program/program.js';
import { mappingNamespace } from '../compile/program/uuid.js';
import { copyRows } from '../postgres/copy-rows.js';
import { quoteText } from '../postgres/identifier.js';
import { canonicalKey, type KeyMap } from '../resolve/key-map.js';
import { TextKeyMap } from '../resolve/text-key-map.js';
import type { BatchBuilder } from '../run/rows/batch.js';
import { keyMapBy } from '../run/keys/keys-by.js';
import { keyTypesOf } from '../run/keys/pairs.js';
import type { RunPorts } from '../run/ports.js';
import { lookupsOf } from '../run/lookups.js';
import { readerCopy } from '../run/read/reader-copy.js';
import { SourceFaults } from '../run/read/source-faults.js';
import { StopSignal } from '../run/stop.js';
import { streamRows } from '../run/rows/stream.js';
import { Tally } from '../run/rows/tally.js';
import { FirstComes } from '../run/unique/watch.js';
import { lenient } from './lenient.js';
import { TrialIds } from './made-keys.js';

/** What a mapping makes of one source row. */
export type Fate =
  | { readonly kind: 'loaded'; readonly values: readonly (string | null)[] }
  | { readonly kind: 'rejected' | 'skipped'; readonly rule: string; readonly column: string | null };

export interface SpecimenInputs {
  readonly compiled: CompiledMapping;
  readonly all: ReadonlyMap<string, CompiledMapping>;
  readonly ports: Pick<RunPorts, 'steps' | 'rules'>;
  /** A reader of a mapping's source. */
  readonly readerOf: (mapping: string) => Session;
  /** A reader of a connection. */
  readonly readerAt: (connection: string) => Session;
  readonly target: Session;
  /** The keys of mappings as far as they were read: see {@link sourceKeys}. */
  readonly keys: Map<string, KeyMap>;
  /** ISO 8601: what `generate: now` gives. */
  readonly startedAt: string;
}

/** The keys of some of a mapping's rows as texts, the same every time: spread over the source by a hash. */
export async function someKeys(
  compiled: CompiledMapping,
  reader: Session,
  rows: number,
): Promise<readonly (readonly string[])[]> {
  const list = keyTexts(compiled);
  const hash = `hashtext(concat_ws(',', ${list.join(', ')}))`;
  const found: string[][] = [];
  const sql = `select ${list.join(', ')} from (${compiled.rowsSql}\n) q order by ${hash}, ${list.join(', ')} limit ${String(rows)}`;
  for await (const texts of copyRows(reader, sql)) found.push(texts.flatMap((text) => text ?? []));
  return found.filter((texts) => texts.length === list.length);
}

const keyTexts = ({ key, fields }: CompiledMapping): readonly string[] =>
  key.map((field) => `(${fields[field]?.sql ?? 'null'})::text`);

/**
 * What a mapping makes of the rows with these keys, by the row program that a run has; nothing is loaded, and the target
 * is not asked what it would refuse. References give the source key of the row that they lead to, for ids are made
 * anew in every run: `patients 17`.
 * @returns by canonical key
 * @throws EtlError where the source cannot compute a row
 */
export async function makeSpecimens(
  inputs: SpecimenInputs,
  keys: readonly (readonly string[])[],
): Promise<ReadonlyMap<string, Fate>> {
  const { compiled } = lenient(inputs.compiled);
  const { name } = compiled.mapping;
  const [reader, namespace] = [inputs.readerOf(name), mappingNamespace(compiled.project, name)];
  const program = rowProgram(compiled, {
    ...inputs.ports,
    facts: { run: 'diff', startedAt: inputs.startedAt, mapping: name, namespace },
    lookups: await lookupsOf(compiled, {
      reader,
      target: inputs.target,
      elsewhere: (connection, work) => work(inputs.readerAt(connection)),
    }),
    keyMaps: await keyMapsOf(inputs),
    rejected: new Map(),
  });
  const found = new Map<string, Fate>();
  const tuples = keys.map((texts) => `(${texts.map(quoteText).join(', ')})`);
  const only = `(${keyTexts(compiled).join(', ')}) in (${tuples.join(', ')})`;
  await streamRows({
    ...{ compiled, program, known: null, merge: null, brought: null, fellows: null, rejected: null },
    needs: { keys: true, handles: false, references: program.references.length },
    uniques: program.uniques.length === 0 ? null : new FirstComes(program),
    ids: compiled.identity?.strategy === 'sequence' ? new TrialIds() : null,
    ...{ faults: new SourceFaults(), namespace, reader, target: inputs.target, reading: null },
    copy: readerCopy(compiled, [], only),
    loader: { load: (batch) => Promise.resolve(take(batch, compiled, found)) },
    tally: new Tally(program.references),
    ...{ run: 'diff', partition: 0, batchRows: 5000, keyMap: null, wanted: [], stop: new StopSignal() },
    onBatch: () => undefined,
  });
  return found;
}

/** Notes what became of a batch's rows. */
function take(batch: BatchBuilder, compiled: CompiledMapping, found: Map<string, Fate>): BatchOutcome {
  const none = new Map<number, never>();
  const refused = { inserts: none, updates: none };
  const lines = batch.inserts.count === 0 ? [] : batch.inserts.lines.toString('utf8').split('\n');
  for (let n = 0; n < batch.inserts.count; n++) {
    const values = (lines[n] ?? '').split('\t').map((text) => (text === '\\N' ? null : unescapeCopy(text)));
    found.set(batch.insertRows.keys[n] ?? '', { kind: 'loaded', values });
  }
  const types = keyTypesOf(compiled);
  const canonical = (shown: string | null): string => {
    if (shown === null) return '';
    return canonicalKey(types.length === 1 ? [shown] : (JSON.parse(shown) as string[]), types);
  };
  for (const { key, rule, column } of batch.allRejects(refused)) {
    found.set(canonical(key), { kind: 'rejected', rule, column });
  }
  for (const { key, rule } of batch.skipped)
    found.set(canonical(key), { kind: 'skipped', rule, column: null });
  return { inserted: batch.inserts.count, updated: 0, unchanged: 0, refused };
}

/** The key maps of a mapping's references, one for each parent, by target column. */
async function keyMapsOf(inputs: SpecimenInputs): Promise<ReadonlyMap<string, readonly KeyMap[]>> {
  const maps = new Map<string, KeyMap[]>();
  for (const { column, parent } of referencesOf(inputs.compiled)) {
    const other = inputs.all.get(parent.mapping.value);
    if (other === undefined) throw new Error(`mapping ${parent.mapping.value} was not compiled`);
    const reader = inputs.readerOf(other.mapping.name);
    const keys = inputs.keys.get(other.mapping.name) ?? (await sourceKeys(other, reader));
    inputs.keys.set(other.mapping.name, keys);
    const own = maps.get(column.name) ?? [];
    own.push(parent.by === null ? keys : await keyMapBy(reader, other, parent.by.value, keys));
    maps.set(column.name, own);
  }
  return maps;
}

/** The keys of the rows that a mapping reads and does not skip, each with its own words in place of an id. */
async function sourceKeys(compiled: CompiledMapping, reader: Session): Promise<KeyMap> {
  const map = new TextKeyMap();
  const types = keyTypesOf(compiled);
  const list = compiled.key.map((field) => compiled.fields[field]?.sql ?? 'null').join(', ');
  const skip = compiled.skip === null ? 'null' : (compiled.fields[compiled.skip.field]?.sql ?? 'null');
  const sql = `select ${list} from (${compiled.rowsSql}\n) q where (${skip}) is null`;
  for await (const texts of copyRows(reader, sql)) {
    const present = texts.filter((text) => text !== null);
    if (present.length === texts.length) {
      map.set(canonicalKey(present, types), `${compiled.mapping.name} ${present.join(', ')}`);
    }
  }
  return map;
}
