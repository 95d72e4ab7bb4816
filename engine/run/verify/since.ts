import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import type { SinceRun } from '../../contract/verify.js';
import { quoteText } from '../../postgres/identifier.js';
import { lastLoad } from '../../state/last-load.js';
import type { RunContext } from '../context.js';

const rows = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`;

/** Whether source or mapping have moved on since the mapping's last run. @param read rows that the source gives now */
export async function sinceRun(
  context: RunContext,
  compiled: CompiledMapping,
  { target, reader }: { readonly target: Session; readonly reader: Session },
  read: number,
): Promise<SinceRun | null> {
  const { mapping, project } = compiled;
  const of = { project, mapping: mapping.name, connection: mapping.source.connection.value };
  const last = await lastLoad(target, context.schema, of);
  if (last === null) return null;
  const at = last.watermark?.taken ?? null;
  const changed = at === null ? null : await changedSince(compiled, reader, at);
  const edited = last.hash !== null && last.hash.rows !== context.hashes[mapping.name]?.rows;
  const words = [
    ...(last.read !== null && last.read !== read
      ? [`the source had ${rows(last.read)} when run ${last.run} read it, and has ${rows(read)} now`]
      : []),
    ...(changed !== null && changed > 0
      ? [`${rows(changed)} of the source changed since run ${last.run}`]
      : []),
    ...(edited ? [`the mapping was edited since run ${last.run}`] : []),
  ];
  return { run: last.run, at, read: last.read, changed, edited, words };
}

async function changedSince(
  { changedAt, rowsSql }: CompiledMapping,
  reader: Session,
  at: string,
): Promise<number | null> {
  if (changedAt === null) return null;
  const bound = `${quoteText(at)}::timestamptz`;
  const since =
    changedAt.type === 'timestamptz'
      ? bound
      : `(${bound} at time zone 'UTC')${changedAt.type === 'date' ? '::date' : ''}`;
  const answer = await reader.query(
    `select count(*) from (${rowsSql}\n) q where ${changedAt.sql} > ${since}`,
  );
  return Number(answer.rows[0]?.[0] ?? 0);
}
