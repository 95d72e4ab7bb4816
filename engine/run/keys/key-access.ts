import type { CompiledMapping } from '../../contract/compiled.js';
import { referencesOf, type Reference } from '../../contract/references.js';
import type { Session } from '../../contract/session.js';
import { BatchedKeyMap } from '../../resolve/batched-key-map.js';
import { hasOutgrown } from '../../resolve/choose.js';
import { FallbackKeyMap } from '../../resolve/given-keys.js';
import type { KeyMap } from '../../resolve/key-map.js';
import { askKeys } from './ask-keys.js';
import { forgetBrought } from './brought.js';
import type { RunContext } from '../context.js';
import { keyMapBy, keyMapYielding } from './keys-by.js';
import type { Retries } from '../sessions/retries.js';
import { openAsking, openSource } from '../sessions/sessions.js';
import { chooseKeys, fillKeys, keySpan, whyNotAskable, type KeyNeeds } from './keys.js';

/**
 * One load's or second pass's way to the keys of mappings. Keys that are not in memory are asked for on a session
 * of its own, since the loader's may be in the middle of a transaction that is taken back yet.
 */
export class KeyAccess {
  private asking: Promise<Session> | null = null;

  constructor(
    private readonly context: RunContext,
    /** Reads the keys that go into memory. */
    private readonly target: Session,
    private readonly retries: Retries,
    /** Asks for single keys; null for a session of its own, which another one's open transaction keeps no key from. */
    private readonly asker: Session | null = null,
  ) {}

  /** Chooses how the keys of the mapping that is loaded are kept, for those that refer to them; empty yet. */
  async own(compiled: CompiledMapping, reader: Session, estimatedRows: number): Promise<KeyMap> {
    return this.choose(compiled, estimatedRows, () => keySpan(reader, compiled));
  }

  /** As {@link own}, in memory whatever they take: {@link release} decides anew when the load has ended. */
  async inMemory(compiled: CompiledMapping, reader: Session, estimatedRows: number): Promise<KeyMap> {
    const span = (): Promise<number | null> => keySpan(reader, compiled);
    const needs = { ...this.needs(compiled), bound: Infinity, estimatedRows, span };
    return this.keep(compiled, await chooseKeys(this.target, compiled, needs));
  }

  /** Whether a mapping's keys can be asked for in batches, by its load and by those that refer to it. */
  canAsk(compiled: CompiledMapping): boolean {
    return whyNotAskable(compiled, this.needs(compiled).chained) === null;
  }

  /** Keeps the keys of the mapping that is loaded as those that are asked for in batches. */
  batched(compiled: CompiledMapping): KeyMap {
    return this.keep(compiled, BatchedKeyMap.create(this.context.keyMapBytes));
  }

  /** Fills keys with those that the target has; `any` says whether it has rows of the mapping at all. */
  async fill(
    compiled: CompiledMapping,
    map: KeyMap,
  ): Promise<{ readonly map: KeyMap; readonly any: boolean }> {
    const filled = await fillKeys(this.target, compiled, map, this.needs(compiled));
    if (filled.map === map) return filled;
    return { any: filled.any, map: this.keep(compiled, filled.map) };
  }

  /** Where a load has made more keys than was estimated, those that refer to them ask for them in batches. */
  release(compiled: CompiledMapping): void {
    const { keyMaps, keyMapBytes } = this.context;
    const map = keyMaps.get(compiled.mapping.name);
    if (map === undefined || map instanceof BatchedKeyMap || !hasOutgrown(map, keyMapBytes)) return;
    if (whyNotAskable(compiled, this.needs(compiled).chained) !== null) return;
    this.keep(compiled, BatchedKeyMap.create(keyMapBytes));
  }

  /** The maps that the references of a column look into, one for each parent. */
  async referencedBy(compiled: CompiledMapping, column: string): Promise<readonly KeyMap[]> {
    const maps: KeyMap[] = [];
    for (const reference of referencesOf(compiled)) {
      if (reference.column.name === column) maps.push(await this.referenced(reference));
    }
    return maps;
  }

  /** The map that a reference looks into; that of a mapping which is not part of the run is read from the target. */
  async referenced({ parent, bound }: Reference): Promise<KeyMap> {
    const name = parent.mapping.value;
    const given = this.context.given.get(name);
    const other = this.context.compiled.get(name);
    if (given !== undefined && other === undefined) return given;
    if (other === undefined) throw new Error(`mapping ${name} was not compiled`);
    const opened = this.context.keyMaps.get(name);
    let keys = opened === undefined ? await this.fromTarget(other) : this.view(other, opened);
    const { by } = parent;
    const { yields } = bound;
    if (yields !== null) keys = await keyMapYielding(this.target, other, yields, keys);
    if (by !== null) keys = await this.withReader(other, (reader) => keyMapBy(reader, other, by.value, keys));
    return given === undefined ? keys : new FallbackKeyMap(keys, given);
  }

  async close(): Promise<void> {
    await (await this.asking?.catch(() => null))?.close();
  }

  private async fromTarget(other: CompiledMapping): Promise<KeyMap> {
    const span = (): Promise<number | null> => this.withReader(other, (reader) => keySpan(reader, other));
    const { map } = await this.fill(other, await this.choose(other, 0, span));
    const { handle, schema, begun, planned } = this.context;
    // Of a run that is gone on with: what it brought of a mapping whose turn is still to come.
    if (handle.resumes > 0 && planned.has(other.mapping.name) && !begun.has(other.mapping.name)) {
      await forgetBrought(this.target, { schema, run: handle.run, compiled: other }, map);
    }
    return map;
  }

  private needs({ mapping }: CompiledMapping): Pick<KeyNeeds, 'schema' | 'readsOnly' | 'chained' | 'bound'> {
    const { schema, readsOnly, keyMapBytes, isChained } = this.context;
    return { schema, readsOnly, chained: isChained(mapping.name), bound: keyMapBytes };
  }

  private async choose(
    compiled: CompiledMapping,
    estimatedRows: number,
    span: () => Promise<number | null>,
  ): Promise<KeyMap> {
    const needs = { ...this.needs(compiled), estimatedRows, span };
    return this.keep(compiled, await chooseKeys(this.target, compiled, needs));
  }

  /** Keeps a mapping's keys for those that refer to them, and gives this load's view of them. */
  private keep(compiled: CompiledMapping, map: KeyMap): KeyMap {
    this.context.keyMaps.set(compiled.mapping.name, map);
    return this.view(compiled, map);
  }

  private view(compiled: CompiledMapping, map: KeyMap): KeyMap {
    if (!(map instanceof BatchedKeyMap)) return map;
    const { asker } = this;
    const session = (): Promise<Session> =>
      asker === null ? (this.asking ??= openAsking(this.context, this.retries)) : Promise.resolve(asker);
    return map.view(askKeys(session, compiled, this.context.schema));
  }

  /** Works on the other mapping's own source, in the run's snapshot of it. */
  private async withReader<T>(other: CompiledMapping, work: (reader: Session) => Promise<T>): Promise<T> {
    const reader = await openSource(this.context, other.mapping.source.connection.value, this.retries);
    try {
      return await work(reader);
    } finally {
      await reader.close();
    }
  }
}
