import type { Located } from '../contract/problem.js';
import { tableParts, writtenTable } from '../contract/table-name.js';
import { mapForm } from './form.js';
import type { Form } from './form.js';
import { text } from './forms.js';
import { errorAt } from './report.js';
import type { Report } from './report.js';

/** Bytes of a name at the most (NAMEDATALEN - 1): PostgreSQL cuts a longer one silently. */
const NAME_LIMIT = 63;

/** False where PostgreSQL would not keep the name as it stands; that is reported. */
export function checkName({ value, at }: Located<string>, report: Report): boolean {
  if (Buffer.byteLength(value) > NAME_LIMIT) {
    const label = `${String(Buffer.byteLength(value))} bytes`;
    report(errorAt('ETL-LANG-011', at, `a name has more than ${String(NAME_LIMIT)} bytes`, { label }));
    return false;
  }
  if (value === '' || value.includes('\0')) {
    report(errorAt('ETL-LANG-011', at, 'a name is empty or holds a NUL character'));
    return false;
  }
  return true;
}

/** The exact name of a column; `what` says of which side. */
export function columnName(what: string, numberHelp?: string): Form<Located<string>> {
  return mapForm(text(what, numberHelp), (name, _place, { report }) =>
    checkName(name, report) ? name : undefined,
  );
}

/** A table, or schema and table parted by a dot; the value is the shortest way to write it (`writtenTable`). */
export const tableName: Form<Located<string>> = mapForm(text('a table'), (name, _place, { report }) => {
  const { at } = name;
  const parts = tableParts(name.value);
  if (parts.length <= 2) {
    const fits = parts.every((part) => checkName({ value: part, at }, report));
    return fits ? { value: writtenTable(parts), at } : undefined;
  }
  const help = `write table, or schema.table; a name that holds a dot stands in quotes: '"a.b"'`;
  report(errorAt('ETL-LANG-011', at, `"${name.value}" has more than one dot`, { help }));
  return undefined;
});
