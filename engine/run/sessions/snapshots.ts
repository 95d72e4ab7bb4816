import type { Session } from '../../contract/session.js';
import type { RunMarks, Watermark } from '../../contract/watermark.js';
import { exportSnapshot } from '../../postgres/source.js';
import { readWatermark } from '../../postgres/watermark.js';
import type { RunInput } from '../input.js';
import type { RunPorts } from '../ports.js';
import { readConnections } from '../lookups.js';
import { askRoom, type Room } from './session-budget.js';
import { PATIENCE, patiently } from './retries.js';

type SnapshotInput = Pick<RunInput, 'compiled' | 'tables' | 'emit' | 'stop'> & {
  readonly options: Pick<RunInput['options'], 'patience'>;
};

/** Takes one snapshot of each connection that rows or look-ups are read from; `exporters` has the sessions that keep them. */
export async function exportSnapshots(
  { compiled, tables, emit, stop, options }: SnapshotInput,
  onceSource: RunPorts['open'],
  exporters: Map<string, Session>,
): Promise<{
  snapshots: ReadonlyMap<string, string>;
  watermarks: RunMarks['watermarks'];
  rooms: ReadonlyMap<string, Room>;
}> {
  const open = patiently(onceSource, { emit, stop, patience: options.patience ?? PATIENCE });
  const snapshots = new Map<string, string>();
  const watermarks: Record<string, Watermark> = {};
  const rooms = new Map<string, Room>();
  for (const name of readConnections(compiled.mappings)) {
    const session = await open(name);
    exporters.set(name, session);
    rooms.set(name, await askRoom(session));
    // Before the snapshot: what it does not see is in flight now, or begins later.
    const watermark = await readWatermark(session);
    if (watermark !== null) watermarks[name] = watermark;
    snapshots.set(name, await exportSnapshot(session, tables.get(name) ?? []));
  }
  return { snapshots, watermarks, rooms };
}
