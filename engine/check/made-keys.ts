import type { CompiledMapping } from '../contract/compiled.js';
import { referencesOf, type Reference } from '../contract/references.js';
import type { Session } from '../contract/session.js';
import { copyRows } from '../postgres/copy-rows.js';
import { ChainedKeyMap } from '../resolve/chained-key-map.js';
import { memoryKeyMap } from '../resolve/choose.js';
import { canonicalKey, type KeyMap } from '../resolve/key-map.js';
import type { Rejection } from '../resolve/rejected-keys.js';
import { RejectedKeys } from '../resolve/rejected-keys.js';
import { TextKeyMap } from '../resolve/text-key-map.js';
import { keyMapBy, keyMapYielding } from '../run/keys/keys-by.js';
import { loadKeyMap } from '../run/keys/keys.js';
import { keyTypesOf } from '../run/keys/pairs.js';

/** Numbers in place of ids that a run would take from a sequence; above what any table holds. */
const FIRST_ID = 4_000_000_000_000_000;

/** Ids of rows that are only tried: each another one, none taken from anybody. */
export class TrialIds {
  readonly isEmpty = false;
  private next = FIRST_ID;

  ensure(): Promise<void> {
    return Promise.resolve();
  }

  give(row: { idNumber: number }): void {
    row.idNumber = this.next++;
  }

  takeGiven(): readonly string[] {
    return [];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Keys of rejected rows, which are keys of loaded rows no more. */
class RejectedOf extends RejectedKeys {
  constructor(
    compiled: CompiledMapping,
    /** Null where the target's rows count although their new values are refused. */
    private readonly loaded: KeyMap | null,
  ) {
    super(keyTypesOf(compiled));
  }

  override add(key: string, rejection: Rejection): void {
    super.add(key, rejection);
    this.loaded?.delete(key);
  }
}

/** The keys of rows that the target has or that a run would load, by mapping, as one mapping after the other is tried. */
export class MadeKeys {
  readonly rejected = new Map<string, RejectedKeys>();
  protected readonly maps = new Map<string, KeyMap>();
  /** By mapping and column: source key → the column's made value. */
  protected readonly made = new Map<string, TextKeyMap>();

  constructor(
    private readonly compiled: ReadonlyMap<string, CompiledMapping>,
    private readonly target: Session,
    /** The state schema, quoted; null where there is none yet. */
    private readonly schema: string | null,
    /** Mappings whose rows are made; what refers to others asks for rows of the target. */
    private readonly planned: ReadonlySet<string>,
  ) {}

  /** Whether earlier runs may have kept pairs of keys. */
  get hasState(): boolean {
    return this.schema !== null;
  }

  /** The keys of a mapping; those that the target has at the beginning. */
  async of(compiled: CompiledMapping): Promise<KeyMap> {
    const { name } = compiled.mapping;
    const known = this.maps.get(name) ?? (await this.inTarget(compiled));
    this.maps.set(name, known);
    return known;
  }

  /** The keys of the rows that the target has of a mapping, as a map of its own. */
  async inTarget(compiled: CompiledMapping): Promise<KeyMap> {
    const types = compiled.handle.map((index) => compiled.columns[index]?.column.type.base ?? 'text');
    const map = memoryKeyMap(keyTypesOf(compiled), types);
    const { schema } = this;
    if (compiled.found === 'target' || schema !== null) {
      await loadKeyMap(this.target, compiled, { schema: schema ?? '', readsOnly: true }, map, Infinity);
    }
    return map;
  }

  /** Begins to note which rows of a mapping are rejected. @param forget their keys were taken in by {@link readAll} */
  async rejectedOf(compiled: CompiledMapping, forget: boolean): Promise<RejectedKeys> {
    const rejected = new RejectedOf(compiled, forget ? await this.of(compiled) : null);
    this.rejected.set(compiled.mapping.name, rejected);
    return rejected;
  }

  /** The map that a reference looks into. @param reader of the referenced mapping's source */
  async referenced({ parent, bound }: Reference, reader: Session): Promise<KeyMap> {
    const other = this.compiled.get(parent.mapping.value);
    if (other === undefined) throw new Error(`mapping ${parent.mapping.value} was not compiled`);
    let keys = await this.of(other);
    if (bound.yields !== null && !this.planned.has(other.mapping.name)) {
      keys = await keyMapYielding(this.target, other, bound.yields, keys);
    } else if (bound.yields !== null) {
      const values = this.made.get(madeId(other.mapping.name, bound.yields)) ?? new TextKeyMap();
      keys = new ChainedKeyMap(new Identities(keys), values);
    }
    return parent.by === null ? keys : keyMapBy(reader, other, parent.by.value, keys);
  }

  /** The columns of a mapping that references to it yield. */
  yielded({ mapping }: CompiledMapping): readonly string[] {
    const names = [...this.compiled.values()].flatMap((one) =>
      referencesOf(one).flatMap(({ parent, bound }) =>
        parent.mapping.value === mapping.name && bound.yields !== null ? [bound.yields] : [],
      ),
    );
    return [...new Set(names)];
  }

  /** Notes what a row that would be loaded holds in a column that references yield. */
  note(mapping: string, column: string, key: string, value: string): void {
    const id = madeId(mapping, column);
    const values = this.made.get(id) ?? new TextKeyMap();
    this.made.set(id, values);
    values.set(key, value);
  }

  /** Takes in all keys of a mapping of whose rows only a sample is made. */
  async readAll(compiled: CompiledMapping, reader: Session): Promise<void> {
    const map = await this.of(compiled);
    const types = keyTypesOf(compiled);
    const list = compiled.key.map((field) => compiled.fields[field]?.sql ?? 'null').join(', ');
    const skip = compiled.skip === null ? 'null' : (compiled.fields[compiled.skip.field]?.sql ?? 'null');
    let id = FIRST_ID * 2;
    const sql = `select ${list} from (${compiled.rowsSql}\n) q where (${skip}) is null`;
    for await (const texts of copyRows(reader, sql)) {
      const present = texts.filter((text) => text !== null);
      if (present.length === texts.length) map.set(canonicalKey(present, types), String(id++));
    }
  }
}

export const madeId = (mapping: string, column: string): string => JSON.stringify([mapping, column]);

/** Each key as its own value, of those that a map has: what is made of a row is found by the row's key. */
class Identities implements KeyMap {
  readonly bytes = 0;

  constructor(private readonly keys: KeyMap) {}

  get size(): number {
    return this.keys.size;
  }

  get(key: string): string | undefined {
    return this.keys.get(key) === undefined ? undefined : key;
  }

  set(key: string, value: string): void {
    this.keys.set(key, value);
  }

  delete(key: string): void {
    this.keys.delete(key);
  }
}
