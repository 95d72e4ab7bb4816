import type { CompiledMapping } from '../../contract/compiled.js';
import type { Session } from '../../contract/session.js';
import { ROW_REFUSAL_SQL } from '../../postgres/failure.js';
import { quoteName, quoteText } from '../../postgres/identifier.js';

/** Rows that one question names at the most; the next error asks again behind them. */
export const MOST_FAULTS = 10_000;

/** Why the source could not compute a field of a row. */
export interface Fault {
  readonly field: number;
  readonly sqlstate: string;
  readonly message: string;
}

/** Rows whose expressions the source cannot compute, by their key as it is shown, until they come. */
export class SourceFaults {
  private readonly rows = new Map<string, Fault>();

  get isEmpty(): boolean {
    return this.rows.size === 0;
  }

  add(key: string, fault: Fault): void {
    if (!this.rows.has(key)) this.rows.set(key, fault);
  }

  get(key: string): Fault | undefined {
    return this.rows.get(key);
  }
}

/** A row with a fault. */
export interface FaultyRow extends Fault {
  /** The key's parts as texts. */
  readonly key: readonly (string | null)[];
}

/** Fields that are more than a column of the source. */
export const computedFields = ({ fields }: CompiledMapping): readonly number[] =>
  fields.flatMap((field, n) => (/^q\."(?:[^"]|"")*"$/.test(field.sql) ? [] : [n]));

/**
 * Finds the rows whose expressions the source cannot compute: one question, whatever their number, in the reader's
 * own transaction. A block of the source's plpgsql computes each row's expressions for themselves.
 * @param which a condition on `q`, and the order in which rows are looked at
 * @throws EtlError where it is the query itself that fails
 */
export async function findFaults(
  session: Session,
  compiled: CompiledMapping,
  which: { readonly only: string | null; readonly order: string },
): Promise<readonly FaultyRow[]> {
  const { columns } = await session.query(`select * from (${compiled.rowsSql}\n) q limit 0`);
  const names = columns.map(({ name }) => quoteName(name));
  const row = names.map((name) => `etl_row.${name} as ${name}`).join(', ');
  const from = `from (select ${row}) q`;
  const computed = computedFields(compiled);
  const list = computed.map((field) => compiled.fields[field]?.sql ?? 'null');
  const key = keyTexts(compiled);
  const where = which.only === null ? '' : ` where ${which.only}`;
  const rows = `select q.* from (${compiled.rowsSql}\n) q${where} order by ${which.order}`;
  // The first field that fails names the row; each is tried by itself, so that a guard can be put before it.
  const each = computed.map(
    (field, n) => `begin perform ${list[n] ?? 'null'} ${from};
      exception when others then
        if not ${ROW_REFUSAL_SQL} then raise; end if;
        etl_key := (select json_build_array(${key.join(', ')}) ${from});
        etl_found := etl_found || json_build_object('key', etl_key, 'field', ${String(field)}, 'sqlstate', sqlstate,
          'message', sqlerrm)::text;
      end;`,
  );
  await session.query(
    `do ${quoteText(`
#variable_conflict use_column
declare
  etl_row record; etl_key json; etl_found text[] := '{}';
begin
  for etl_row in execute ${quoteText(rows)} loop
    begin
      perform ${list.join(', ')} ${from};
    exception when others then
      if not ${ROW_REFUSAL_SQL} then raise; end if;
      ${each.join('\n')}
      exit when cardinality(etl_found) >= ${String(MOST_FAULTS)};
    end;
  end loop;
  perform set_config('crosswalk.faults', array_to_json(etl_found)::text, true);
end`)}`,
  );
  const { rows: answer } = await session.query(`select current_setting('crosswalk.faults')`);
  const texts = JSON.parse(answer[0]?.[0] ?? '[]') as string[];
  return texts.map((text) => JSON.parse(text) as FaultyRow);
}

/** SQL: the parts of a row's key as COPY writes them. */
const keyTexts = (compiled: CompiledMapping): readonly string[] =>
  compiled.key.map((field) => {
    const sql = compiled.fields[field]?.sql ?? 'null';
    return `case when ${sql} is not null then format('%s', ${sql}) end`;
  });

/** SQL by field: whether a row `q` is one whose field cannot be computed, so that it is not tried. */
export function guards(compiled: CompiledMapping, found: readonly FaultyRow[]): ReadonlyMap<number, string> {
  const keys = keyTexts(compiled);
  const shown = keys.length === 1 ? (keys[0] ?? 'null') : `json_build_array(${keys.join(', ')})::text`;
  const byField = new Map<number, FaultyRow[]>();
  for (const row of found) {
    const rows = byField.get(row.field) ?? [];
    byField.set(row.field, rows);
    rows.push(row);
  }
  return new Map(
    [...byField].map(([field, rows]) => {
      const texts = rows.flatMap(({ key }) => {
        if (key.includes(null)) return [];
        return keys.length === 1
          ? [key[0] ?? '']
          : [`[${key.map((part) => JSON.stringify(part)).join(', ')}]`];
      });
      const known = `${shown} in (select json_array_elements_text(${quoteText(JSON.stringify(texts))}))`;
      const without = rows.some(({ key }) => key.includes(null));
      const none = keys.map((part) => `(${part}) is null`).join(' or ');
      return [field, without ? `(${none} or ${known})` : known];
    }),
  );
}
