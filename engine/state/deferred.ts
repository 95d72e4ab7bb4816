import type { Deferred, OwnRows } from '../contract/constraints.js';
import type { Session } from '../contract/session.js';
import { quoteName, quoteText } from '../postgres/identifier.js';

const orNull = (text: string | null): string => (text === null ? 'null' : quoteText(text));

/** SQL that writes down what is dropped of a mapping's table; for the transaction of the DROP. */
export function recordSql(schema: string, run: string, rows: OwnRows, dropped: readonly Deferred[]): string {
  const values = dropped.map(
    ({ object, kind, ordinal, dropSql, createSql, validateSql, violatorsSql }) =>
      `(${[
        ...[rows.project, run, rows.mapping, rows.table, object, kind].map(quoteText),
        String(ordinal),
        quoteText(dropSql),
        `array[${createSql.map(quoteText).join(', ')}]`,
        orNull(validateSql),
        orNull(violatorsSql),
        quoteText(JSON.stringify(rows)),
      ].join(', ')})`,
  );
  return `insert into ${schema}.deferred (project, run, mapping, table_name, object, kind, ordinal, drop_sql,
    create_sql, validate_sql, violators_sql, own_rows) values ${values.join(', ')}`;
}

const whichSql = (rows: OwnRows, { object, kind }: Deferred): string =>
  `project = ${quoteText(rows.project)} and table_name = ${quoteText(rows.table)}
   and object = ${quoteText(object)} and kind = ${quoteText(kind)}`;

/** SQL that selects a record for update: whoever else brings the object back has then ended. */
export const holdSql = (schema: string, rows: OwnRows, deferred: Deferred): string =>
  `select object from ${schema}.deferred where ${whichSql(rows, deferred)} for update`;

/** SQL that deletes a record; for the transaction in which the object comes back. */
export const forgetSql = (schema: string, rows: OwnRows, deferred: Deferred): string =>
  `delete from ${schema}.deferred where ${whichSql(rows, deferred)}`;

/** What a table is without. */
export interface Left {
  readonly rows: OwnRows;
  readonly run: string;
  readonly deferred: readonly Deferred[];
}

/** What runs of a project have left dropped, by table; nothing where the state schema is not there. */
export async function readDeferred(
  session: Session,
  stateSchema: string,
  project: string,
): Promise<readonly Left[]> {
  const schema = quoteName(stateSchema);
  const there = await session.query('select to_regclass($1)', [`${schema}.deferred`]);
  if (there.rows[0]?.[0] === null) return [];
  const { rows } = await session.query(
    `select own_rows, run, object, kind, ordinal, drop_sql, to_json(create_sql), validate_sql, violators_sql
     from ${schema}.deferred where project = $1 order by table_name, ordinal`,
    [project],
  );
  const tables = new Map<string, { rows: OwnRows; run: string; deferred: Deferred[] }>();
  for (const [own, run, object, kind, ordinal, dropSql, createSql, validateSql, violatorsSql] of rows) {
    const ownRows = JSON.parse(own ?? '{}') as OwnRows;
    const found = tables.get(ownRows.table) ?? { rows: ownRows, run: run ?? '', deferred: [] };
    tables.set(ownRows.table, found);
    found.deferred.push({
      object: object ?? '',
      kind: (kind ?? 'index') as Deferred['kind'],
      ordinal: Number(ordinal),
      dropSql: dropSql ?? '',
      createSql: JSON.parse(createSql ?? '[]') as string[],
      validateSql: validateSql ?? null,
      violatorsSql: violatorsSql ?? null,
    });
  }
  return [...tables.values()];
}
