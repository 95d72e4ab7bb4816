import type { SourceSpec } from '../contract/mapping.js';
import type { Position } from '../contract/problem.js';
import type { SqlText } from '../contract/sql-text.js';
import { checkConnection, checkRepeated } from './build.js';
import type { Build } from './build.js';
import type { ProjectText } from './load-files.js';
import { errorAt, located } from './report.js';
import type { RawSource } from './spec/source.js';

/** `source:` with its defaults; parts that could not be read, and were reported, are empty. */
export function normaliseSource(raw: RawSource, build: Build): SourceSpec {
  const { values } = raw;
  const connection = values.connection ?? located('source', raw.owner);
  checkConnection(connection, build);
  const key = values.key ?? [];
  checkRepeated(key, build);
  return {
    connection,
    from: normaliseFrom(raw, build),
    key,
    changedAt: values.changed_at ?? null,
    skipWhen: (values.skip_when ?? []).flatMap(({ entry, value }) =>
      value === undefined ? [] : [{ name: entry.key, sql: value }],
    ),
    duplicates: {
      ...(values.duplicates ?? { kind: 'reject' }),
      at: raw.keyAt.get('duplicates') ?? raw.owner,
    },
    ignore: normaliseIgnore(raw),
    sensitive: values.sensitive ?? [],
    partition: values.partition ?? { kind: 'auto' },
    at: raw.owner,
  };
}

const noSql = (at: Position): SqlText => ({ value: '', at, written: '', quote: null });

function normaliseFrom(raw: RawSource, build: Build): SourceSpec['from'] {
  const { table, where, query, query_file: queryFile } = raw.values;
  if (query !== undefined) return { kind: 'query', sql: query };
  if (queryFile !== undefined) {
    const file = build.files.text(queryFile, build.report);
    const sql = file === null ? noSql(queryFile.at) : wholeFile(file);
    if (sql.value !== '') build.onSql(sql, 'query');
    else if (file !== null) {
      build.report(errorAt('ETL-FILE-002', queryFile.at, `the file "${queryFile.value}" holds no SQL`));
    }
    return { kind: 'query', sql };
  }
  return { kind: 'table', table: table ?? located('', raw.owner), where: where ?? null };
}

/** A file's SQL without the white space around it, at its own first character. */
function wholeFile({ shown, text }: ProjectText): SqlText {
  const value = text.trim();
  const before = text.slice(0, text.indexOf(value)).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const length = Math.max(1, value.split('\n')[0]?.trimEnd().length ?? 1);
  return { value, at: { file: shown, line: before.length, column, length }, written: value, quote: null };
}

function normaliseIgnore(raw: RawSource): SourceSpec['ignore'] {
  const columns = raw.values.ignore?.values.columns;
  if (columns === undefined) return [];
  return 'items' in columns ? columns.items : '*';
}
