import type { CompiledMapping } from '../../contract/compiled.js';

/** Whether a rollback finds a mapping's new rows by their handles alone: neither a sequence nor kept pairs know them. */
export const needsHandles = ({ found, handle, identity }: CompiledMapping): boolean =>
  found === 'target' && handle.length > 0 && identity?.strategy !== 'sequence';

/** The columns of {@link wroteRow}; `xid` comes by default. */
export const WROTE_COLUMNS = ['run', 'mapping', 'partition', 'ids', 'created'] as const;

/** A batch's row in `etl.batches`: by what its new rows are found again. */
export function wroteRow(
  { run, mapping, partition }: { readonly run: string; readonly mapping: string; readonly partition: number },
  { ids, handles }: { readonly ids: readonly string[]; readonly handles: readonly string[] },
): readonly (string | null)[] {
  const ranges = `{${ids.map((range) => `"${range}"`).join(',')}}`;
  return [run, mapping, String(partition), ranges, handles.length === 0 ? null : JSON.stringify(handles)];
}
