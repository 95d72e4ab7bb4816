import { parse } from 'csv-parse/sync';

/** A row of a table of values by its column names, with the line on which it ends. */
export interface CsvRow {
  readonly row: Readonly<Record<string, string>>;
  readonly line: number;
}

interface WithInfo {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

/** The rows of a CSV look-up: a header line, empty lines left out. @throws Error where the text is no CSV */
export function csvRows(text: string | Buffer): readonly CsvRow[] {
  const options = { columns: true, bom: true, skip_empty_lines: true, info: true } as const;
  // The types of csv-parse know nothing of what `info` adds.
  const rows = parse(text, options) as unknown as readonly WithInfo[];
  return rows.map(({ record, info }) => ({ row: record, line: info.lines }));
}
