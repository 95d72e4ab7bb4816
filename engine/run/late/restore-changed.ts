import type { CompiledMapping } from '../../contract/compiled.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import { isRowRefusal } from '../../postgres/failure.js';
import { quoteName, quoteText, readAs, tableRows } from '../../postgres/identifier.js';
import { wroteSql } from '../../postgres/undo.js';
import { wasSql } from '../keys/brought.js';
import type { TakeBackInputs } from './leaving.js';
import { isRow, wasWholeSql } from './links.js';

/**
 * Gives rows of `etl_leaving` that stay their old values back, where the run had changed them: a rejected row leaves the
 * target as it was. @throws EtlError exit 5 where the old values are in another row's way now, or a trigger keeps the row
 */
export async function restoreChanged(
  { session, context }: TakeBackInputs,
  compiled: CompiledMapping,
): Promise<void> {
  const { table, mapping } = compiled;
  const owner = { schema: context.schema, run: context.handle.run, mapping: mapping.name };
  const part = { ...owner, compiled };
  const handle = new Set(compiled.handle);
  const columns = compiled.columns.flatMap(({ column }, n) =>
    handle.has(n) || column.generated || column.identity === 'always' ? [] : [column],
  );
  if (columns.length === 0) return;
  const set = columns.map(({ name, type }) => {
    const old = readAs(`(o.was->>${quoteText(name)})`, type.sql);
    return `${quoteName(name)} = case when o.was ? ${quoteText(name)} then ${old} else t.${quoteName(name)} end`;
  });
  const rows = tableRows(table);
  const sql = `with o as materialized (select g.handle, ${wasSql(part)} as was
      from pg_temp.etl_leaving g join ${rows} t on ${isRow(compiled, 't', 'g.handle')}
      where g.mapping = ${quoteText(mapping.name)} and not g.take and ${wasWholeSql(part)}),
    done as (update ${rows} t set ${set.join(', ')} from o where ${isRow(compiled, 't', 'o.handle')} returning 1)
    select (select count(*) from o), (select count(*) from done)`;
  const answer = await session.query(sql).catch((error: unknown) => {
    throw isRowRefusal(error) ? inTheWay(mapping.name, error) : error;
  });
  const [wanted = '0', done = '0'] = answer.rows[0] ?? [];
  if (wanted !== done) {
    throw new EtlError(
      `${mapping.name}: ${wanted ?? ''} rejected rows must become what they were, but only ${done ?? ''} did: a trigger or rule of the table keeps them`,
      { exitCode: EXIT.checks, help: 'let the run update the rows that it has changed' },
    );
  }
  if (done !== '0') await session.query(wroteSql(owner));
}

const inTheWay = (mapping: string, error: unknown): EtlError =>
  new EtlError(
    `${mapping}: rejected rows must become what they were, but another row is in their way: ${error instanceof Error ? error.message : ''}`,
    {
      exitCode: EXIT.checks,
      help: 'mend the rows that are rejected in the source, or leave them out by name (skip_when), and run again',
      cause: error,
    },
  );
