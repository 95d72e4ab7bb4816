import type { BatchOutcome, Reject } from '../contract/batch.js';
import type { CompiledMapping } from '../contract/compiled.js';
import type { BatchBuilder, Skipped } from '../run/rows/batch.js';
import { keyTypesOf } from '../run/keys/pairs.js';
import { canonicalKey } from '../resolve/key-map.js';
import type { RowBook } from '../run/rows/row-book.js';

/** What would become of a source row. */
export type Fate =
  | {
      readonly kind: 'insert' | 'update' | 'fill';
      readonly handle: string;
      readonly warnings: readonly Reject[];
    }
  | { readonly kind: 'reject'; readonly reject: Reject }
  | { readonly kind: 'skip'; readonly skipped: Skipped };

/** The parts of a key as rejects show it; null where it has another form. */
function shownParts({ key }: CompiledMapping, shown: string): readonly string[] | null {
  if (key.length === 1) return [shown];
  try {
    const parts: unknown = JSON.parse(shown);
    const isList = Array.isArray(parts) && parts.length === key.length;
    return isList && parts.every((part) => typeof part === 'string') ? parts : null;
  } catch {
    return null;
  }
}

const CHECK_VIOLATION = '23514';

/** The preflight names the column of a check where it speaks of one; the server, whose words a run keeps, names none. */
const asServer = ({ mapping }: CompiledMapping, reject: Reject): Reject =>
  reject.sqlstate === CHECK_VIOLATION ? { ...reject, column: null, at: mapping.target.table.at } : reject;

/** The fates of rows by mapping and canonical key: of several rows with one key all of them. */
export class Fates {
  private readonly byMapping = new Map<string, Map<string, Fate[]>>();

  of(mapping: string, key: string): readonly Fate[] {
    return this.byMapping.get(mapping)?.get(key) ?? [];
  }

  /** The handles of rows that a mapping would insert. */
  inserted(mapping: string): readonly string[] {
    const all = [...(this.byMapping.get(mapping)?.values() ?? [])].flat();
    return all.flatMap((fate) => (fate.kind === 'insert' ? [fate.handle] : []));
  }

  /** Takes what became of a batch. */
  take(compiled: CompiledMapping, batch: BatchBuilder, { refused }: BatchOutcome): void {
    const canonical = (shown: string | null): string | null => {
      const parts = shown === null ? null : shownParts(compiled, shown);
      return parts === null ? null : canonicalKey(parts, keyTypesOf(compiled));
    };
    const warned = new Map<string, Reject[]>();
    for (const warning of batch.warnings) {
      const key = canonical(warning.key) ?? '';
      warned.set(key, [...(warned.get(key) ?? []), warning]);
    }
    const loaded = (
      book: RowBook,
      isRefused: (n: number) => boolean,
      kind: (n: number) => 'insert' | 'update' | 'fill',
    ) => {
      for (const [n, key] of book.keys.entries()) {
        if (isRefused(n)) continue;
        const fate: Fate = { kind: kind(n), handle: book.handles[n] ?? '', warnings: warned.get(key) ?? [] };
        this.add(compiled, key, fate);
      }
    };
    loaded(
      batch.insertRows,
      (n) => refused.inserts.has(n),
      () => 'insert',
    );
    loaded(
      batch.updateRows,
      (n) => refused.updates.has(n),
      (n) => (batch.merged.has(n) ? 'fill' : 'update'),
    );
    for (const skipped of batch.skipped)
      this.add(compiled, canonical(skipped.key), { kind: 'skip', skipped });
    for (const reject of batch.allRejects(refused)) {
      this.add(compiled, canonical(reject.key), { kind: 'reject', reject: asServer(compiled, reject) });
    }
  }

  /** A row that was taken is a reject after all. */
  late({ mapping }: CompiledMapping, key: string, reject: Reject): void {
    this.byMapping.get(mapping.name)?.set(key, [{ kind: 'reject', reject }]);
  }

  private add({ mapping }: CompiledMapping, key: string | null, fate: Fate): void {
    if (key === null) return;
    const fates = this.byMapping.get(mapping.name) ?? new Map<string, Fate[]>();
    this.byMapping.set(mapping.name, fates);
    fates.set(key, [...(fates.get(key) ?? []), fate]);
  }
}

/**
 * The fate that counts: of several rows with one key the one that is loaded, else that there are several, else the first
 * that is no mere double.
 */
export function decisive(fates: readonly Fate[]): Fate | undefined {
  const isLoaded = ({ kind }: Fate): boolean => kind !== 'reject' && kind !== 'skip';
  const isOther = (fate: Fate): boolean => fate.kind !== 'skip' || fate.skipped.rule !== 'duplicate';
  const isDouble = (fate: Fate): boolean => fate.kind === 'reject' && fate.reject.rule === 'duplicates';
  return fates.find(isLoaded) ?? fates.find(isDouble) ?? fates.find(isOther) ?? fates[0];
}
