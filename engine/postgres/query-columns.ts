import type { ResultColumn } from '../contract/catalogue.js';
import { EtlError } from '../contract/errors.js';
import type { QueryRows, Session } from '../contract/session.js';
import type { TypeRegistry } from './types.js';

type RawColumn = QueryRows['columns'][number];

const typeId = ({ oid, modifier }: RawColumn): string => `${String(oid)} ${String(modifier)}`;

/** What queries give, as one database says. */
export class QueryColumns {
  /** `format_type` of each type and modifier that a query has given, by {@link typeId}. */
  private readonly displays = new Map<string, string>();

  constructor(
    private readonly session: Session,
    private readonly types: TypeRegistry,
  ) {}

  /**
   * The columns of each query, without reading a row; two round trips for all of them.
   * @returns for each in their order; where the server refuses one, the EtlError with its complaint
   */
  async of(queries: readonly string[]): Promise<readonly (readonly ResultColumn[] | EtlError)[]> {
    // Run, not only parsed: a right that lacks is found when a query begins.
    const answers = await this.session.queries(queries.map((sql) => `select * from (${sql}\n) q limit 0`));
    await this.format(answers.flatMap((answer) => (answer instanceof EtlError ? [] : answer.columns)));
    return answers.map((answer) =>
      answer instanceof EtlError ? answer : answer.columns.map((column) => this.typed(column)),
    );
  }

  private typed(column: RawColumn): ResultColumn {
    const display = this.displays.get(typeId(column)) ?? '';
    return { name: column.name, type: this.types.type(column.oid, column.modifier, display) };
  }

  /** Asks how those types are written that have not been asked for yet. */
  private async format(columns: readonly RawColumn[]): Promise<void> {
    const wanted = new Map(columns.map((column) => [typeId(column), column]));
    for (const id of this.displays.keys()) wanted.delete(id);
    if (wanted.size === 0) return;
    const { rows } = await this.session.query(
      'select t.id, format_type(t.o::oid, t.m::int) from json_to_recordset($1) as t(id text, o bigint, m int)',
      [JSON.stringify([...wanted].map(([id, { oid, modifier }]) => ({ id, o: oid, m: modifier })))],
    );
    for (const [id, display] of rows) this.displays.set(id ?? '', display ?? '');
  }
}
