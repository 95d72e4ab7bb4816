import type { CompiledMapping } from '../contract/compiled.js';
import type { Reference } from '../contract/references.js';
import type { Session } from '../contract/session.js';
import { madeId, MadeKeys } from '../check/made-keys.js';
import { copyRows } from '../postgres/copy-rows.js';
import { quoteName, quoteText, tableRows } from '../postgres/identifier.js';
import { samePair } from '../postgres/undo.js';
import { memoryKeyMap } from '../resolve/choose.js';
import type { KeyMap } from '../resolve/key-map.js';
import type { RejectedKeys, Rejection } from '../resolve/rejected-keys.js';
import { askKeys, notAskable } from '../run/keys/ask-keys.js';
import { keyMapBy } from '../run/keys/keys-by.js';
import { handleNames, keyTypesOf } from '../run/keys/pairs.js';

/** Stands for a value that the database gives when the row is loaded: above what any table holds. */
const UNKNOWN = '4500000000000000';

/** Rows that a second pass has rejected, by mapping and canonical key. */
export type Gone = ReadonlyMap<string, ReadonlyMap<string, Rejection>>;

/** What the keys of a trace are read with. */
export interface TraceKeysInputs {
  readonly all: ReadonlyMap<string, CompiledMapping>;
  readonly target: Session;
  /** The state schema, quoted; null where there is none yet. */
  readonly schema: string | null;
  /** The canonical keys that rows of the trace have or name. */
  readonly keysOf: (mapping: string) => Iterable<string>;
  readonly gone: Gone;
}

/** The keys that the rows of a trace name: each is asked for, whatever the target holds besides. */
export class TraceKeys extends MadeKeys {
  constructor(private readonly inputs: TraceKeysInputs) {
    super(inputs.all, inputs.target, inputs.schema, new Set(inputs.all.keys()));
  }

  override async of(compiled: CompiledMapping): Promise<KeyMap> {
    const { name } = compiled.mapping;
    const known = this.maps.get(name);
    if (known !== undefined) return known;
    const gone = this.inputs.gone.get(name);
    const map = await this.inTarget(compiled);
    const keys = gone === undefined ? map : new WithoutGone(map, gone);
    this.maps.set(name, keys);
    return keys;
  }

  override async inTarget(compiled: CompiledMapping): Promise<KeyMap> {
    const { target, schema, keysOf } = this.inputs;
    const isReplaced = compiled.mapping.target.mode.value === 'replace';
    const isPairs = compiled.found === 'key_map';
    if (!isReplaced && !isPairs && notAskable(compiled) !== null) return super.inTarget(compiled);
    const types = compiled.handle.map((index) => compiled.columns[index]?.column.type.base ?? 'text');
    const map = memoryKeyMap(keyTypesOf(compiled), types);
    if (isReplaced || (isPairs && schema === null)) return map;
    const ask = askKeys(() => Promise.resolve(target), compiled, schema ?? '', false);
    for (const [key, handle] of await ask([...keysOf(compiled.mapping.name)])) map.set(key, handle);
    return map;
  }

  override async rejectedOf(compiled: CompiledMapping): Promise<RejectedKeys> {
    const rejected = await super.rejectedOf(compiled, false);
    for (const [key, rejection] of this.inputs.gone.get(compiled.mapping.name) ?? []) {
      rejected.add(key, rejection);
    }
    return rejected;
  }

  /** As the preflight's; of rows that the target has, references that yield a column read it there. */
  override async referenced(reference: Reference, reader: Session): Promise<KeyMap> {
    const { parent, bound } = reference;
    const other = this.inputs.all.get(parent.mapping.value);
    if (bound.yields === null || other === undefined) return super.referenced(reference, reader);
    const keys = await this.of(other);
    const isWritten = other.columns.some(({ column }) => column.name === bound.yields);
    const stored = await this.stored(other, bound.yields, keys);
    const made = this.made.get(madeId(other.mapping.name, bound.yields));
    const yielded = new Yielded(keys, made ?? null, stored, isWritten);
    return parent.by === null ? yielded : keyMapBy(reader, other, parent.by.value, yielded);
  }

  /** What the target's rows hold in a column, by their handle. */
  private async stored(
    other: CompiledMapping,
    column: string,
    keys: KeyMap,
  ): Promise<ReadonlyMap<string, string>> {
    const handles = [...this.inputs.keysOf(other.mapping.name)].flatMap((key) => keys.get(key) ?? []);
    const found = new Map<string, string>();
    const names = handleNames(other);
    if (handles.length === 0 || names.length === 0) return found;
    const list = [column, ...names].map((name) => `t.${quoteName(name)}`).join(', ');
    const sql = `select ${list} from json_array_elements_text(${quoteText(JSON.stringify(handles))}) k(target_key)
      join ${tableRows(other.table)} t on ${samePair(names)}`;
    for await (const [value, ...handle] of copyRows(this.inputs.target, sql)) {
      const text = handle.length === 1 ? (handle[0] ?? '') : JSON.stringify(handle);
      if (value !== null && value !== undefined) found.set(text, value);
    }
    return found;
  }
}

/** The keys of a mapping without those of rows that are taken away again. */
class WithoutGone implements KeyMap {
  constructor(
    private readonly keys: KeyMap,
    private readonly gone: ReadonlyMap<string, unknown>,
  ) {}

  get size(): number {
    return this.keys.size;
  }

  get bytes(): number {
    return this.keys.bytes;
  }

  get(key: string): string | undefined {
    return this.gone.has(key) ? undefined : this.keys.get(key);
  }

  set(key: string, value: string): void {
    this.keys.set(key, value);
  }

  delete(key: string): void {
    this.keys.delete(key);
  }
}

/** Source key → what the row has, or will have, in the column that references yield. */
class Yielded implements KeyMap {
  readonly bytes = 0;

  constructor(
    private readonly keys: KeyMap,
    private readonly made: KeyMap | null,
    private readonly stored: ReadonlyMap<string, string>,
    /** The mapping writes it; else the database gives it. */
    private readonly isWritten: boolean,
  ) {}

  get size(): number {
    return this.keys.size;
  }

  get(key: string): string | undefined {
    const handle = this.keys.get(key);
    if (handle === undefined) return undefined;
    return this.made?.get(key) ?? this.stored.get(handle) ?? (this.isWritten ? undefined : UNKNOWN);
  }

  set(): void {
    throw new Error('what references yield is read only');
  }

  delete(): void {
    throw new Error('what references yield is read only');
  }
}
