import type { PgType, ResultColumn } from '../contract/catalogue.js';
import type { Field } from '../contract/compiled.js';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The reader's select list while it is being collected: each expression is read once. */
export class Fields {
  readonly list: Field[] = [];
  /** Names of the source columns that are read for themselves. */
  readonly used = new Set<string>();
  private readonly byName: ReadonlyMap<string, ResultColumn>;

  constructor(
    readonly columns: readonly ResultColumn[],
    private readonly sensitive: ReadonlySet<string>,
  ) {
    this.byName = new Map(columns.map((column) => [column.name, column]));
  }

  column(name: string): ResultColumn | undefined {
    return this.byName.get(name);
  }

  /** The index of a source column in the select list, with a cast where one is wanted. */
  read(column: ResultColumn, cast?: { readonly to: string; readonly type: PgType }): number {
    const sql = `q.${quote(column.name)}`;
    this.used.add(column.name);
    return this.add({
      name: column.name,
      sql: cast === undefined ? sql : `${sql}::${cast.to}`,
      type: cast?.type ?? column.type,
      sensitive: this.sensitive.has(column.name),
    });
  }

  /** The same for a value that is made or compared: a char(n) without its padding, which is no part of its value. */
  value(column: ResultColumn): number {
    const { type } = column;
    if (type.name !== 'bpchar') return this.read(column);
    return this.read(column, { to: 'text', type: { ...type, name: 'text', modifier: -1 } });
  }

  /** The index of an expression of the source's SQL. */
  expression(sql: string, type: PgType, name: string, cast?: string): number {
    const text = `(${sql}\n)${cast === undefined ? '' : `::${cast}`}`;
    return this.add({ name, sql: text, type, sensitive: [...this.sensitive].some((s) => sql.includes(s)) });
  }

  private add(field: Field): number {
    const known = this.list.findIndex((other) => other.sql === field.sql);
    return known >= 0 ? known : this.list.push(field) - 1;
  }
}
