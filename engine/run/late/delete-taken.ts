import type { CompiledMapping } from '../../contract/compiled.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import { sqlstateOf } from '../../postgres/failure.js';
import { quoteText, tableRows } from '../../postgres/identifier.js';
import { handleText, textsByName, undoDeletedSql } from '../../postgres/undo.js';
import { handleNames, pairsOf } from '../keys/pairs.js';
import type { TakeBackInputs } from './leaving.js';
import { isRow, passesOf, plainHandle } from './links.js';

const FOREIGN_KEY = '23503';

/**
 * Deletes the rows of all mappings in one statement, so that none stands in another's way, with their kept pairs.
 * @throws EtlError exit 5 where rows refer to them that are not the project's, or a trigger keeps them
 */
export async function deleteRows(
  { session, context, links }: TakeBackInputs,
  mappings: readonly string[],
): Promise<void> {
  const { schema } = context;
  const all = mappings.flatMap((name) => context.compiled.get(name) ?? []);
  const which = (compiled: CompiledMapping): string => `g.mapping = ${quoteText(compiled.mapping.name)}`;
  const deletes = all.map((one, n) => {
    const owner = { schema, run: context.handle.run, mapping: one.mapping.name };
    const pair = `from ${schema}.key_map k where ${pairsOf(one)} and k.source_key = g.source_key`;
    const names = one.table.columns.filter((column) => !column.generated).map((column) => column.name);
    return `d${String(n)} as (delete from ${tableRows(one.table)} t using pg_temp.etl_leaving g
        where ${which(one)} and g.take and ${isRow(one, 't', 'g.handle')}
        returning g.n, ${handleText(handleNames(one))} h, t.xmin::text::bigint xid, ${textsByName(names)} was,
          (select k.source_key ${pair}) kept, (select k.run ${pair}) pair_run
      ), u${String(n)} as (${undoDeletedSql(owner, `d${String(n)}`)})`;
  });
  const counted = all.map((_, n) => `(select count(distinct n) from d${String(n)})`);
  const { rows } = await session
    .query(
      `with ${deletes.join(', ')} select ${counted.join(' + ')}, (select count(*) from pg_temp.etl_leaving where take)`,
    )
    .catch((error: unknown) => {
      throw sqlstateOf(error) === FOREIGN_KEY ? referredTo(error) : error;
    });
  const [deleted, wanted] = rows[0] ?? [];
  if (deleted !== wanted) {
    const names = mappings.join(', ');
    throw new EtlError(
      `${names}: ${wanted ?? ''} rows must be taken back, but only ${deleted ?? ''} of them could be deleted: a trigger or rule of the table keeps them`,
      { exitCode: EXIT.checks, help: 'let the run delete the rows that it has made' },
    );
  }
  for (const one of all) {
    if (one.found === 'key_map') {
      await session.query(
        `delete from ${schema}.key_map k using pg_temp.etl_leaving g
         where ${which(one)} and g.take and ${pairsOf(one)} and k.source_key = g.source_key`,
      );
    }
    // What is rejected by one column is not decided about by another.
    if (links.some(({ from }) => from === one)) {
      await session.query(
        `delete from ${schema}.second_pass p using pg_temp.etl_leaving g
         where ${which(one)} and ${passesOf(schema, one)} and g.handle = ${plainHandle(one, 'p.target_key')}`,
      );
    }
  }
}

const referredTo = (error: unknown): EtlError =>
  new EtlError(
    `rows must be taken back, but others that this project has not loaded refer to them: ${error instanceof Error ? error.message : ''}`,
    {
      exitCode: EXIT.checks,
      help: 'mend those rows, or say missing: null where the reference may be left out',
      cause: error,
    },
  );
