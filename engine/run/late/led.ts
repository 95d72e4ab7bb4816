import type { Session } from '../../contract/session.js';
import { quoteText } from '../../postgres/identifier.js';
import { copyLines } from '../rows/batch.js';
import { toMembers } from '../closure/sql.js';
import type { RunContext } from '../context.js';
import { linkPairs, type RowLink } from './links.js';
import { sampleProgram } from '../sample/sample-references.js';
import { partsOfKey, readSource } from '../read/source-rows.js';

/** Rows that are looked at in one go. */
const PAGE = 10_000;

const CREATE = `create temp table if not exists etl_led (
  way text not null, source_key text not null, parent_key text not null, leads boolean not null,
  primary key (way, source_key, parent_key))`;

const wayOf = ({ from, column, place }: RowLink): string =>
  JSON.stringify([from.mapping.name, column, place]);

/**
 * SQL: holds a row of the canonical key to those whose source says that it refers to the row of the key `parent`; of a
 * link that is not ambiguous the value has said it already.
 */
export const ledJoin = (link: RowLink, key: string, parent: string): string =>
  link.isAmbiguous
    ? `join pg_temp.etl_led d on d.way = ${quoteText(wayOf(link))} and d.source_key = ${key}
       and d.parent_key = ${parent} and d.leads`
    : '';

/**
 * Which rows refer to which, where a column may lead to several tables and its value alone does not tell: their source
 * rows are asked. In a temporary table of a session.
 */
export class LedRows {
  constructor(
    private readonly context: RunContext,
    private readonly session: Session,
  ) {}

  /** Makes the table, once a session, outside of a transaction. */
  async create(): Promise<void> {
    await this.session.query(CREATE);
  }

  /**
   * Finds out of the rows that hold the value of a member of the closure whether they refer to it.
   * @param kind what the closure knows the rows as that the link leads to
   */
  async tell(link: RowLink, kind: number): Promise<void> {
    for (;;) {
      const { rows } = await this.session.query(candidates(link, kind, this.context.schema));
      if (rows.length === 0) return;
      const pairs = rows.map(([key, parent]) => [key ?? '', parent ?? ''] as const);
      const named = await this.namedBy(
        link,
        pairs.map(([key]) => key),
      );
      const lines = pairs.map(([key, parent]) => {
        const name = named.get(key);
        // By another column than the key the value has found the row, once it is clear in which table.
        const leads = name !== undefined && (link.parent.by !== null || name === parent);
        return [wayOf(link), key, parent, leads ? 't' : 'f'];
      });
      await this.session.script('copy pg_temp.etl_led from stdin', [copyLines(lines)]);
    }
  }

  /** What rows ask the link's parent for, by their own canonical keys; a row that does not ask it is left out. */
  private async namedBy(link: RowLink, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { context } = this;
    const { from, to, column, place } = link;
    const program = sampleProgram(from, new Set([to.mapping.name]), context.ports);
    const way = program.references.find((one) => one.column === column && one.place === place);
    const found = new Map<string, string>();
    const parts = keys.map((key) => partsOfKey(from, key));
    await readSource(context, from, parts, (key, row) => {
      const name = way?.key(row) ?? null;
      if (name !== null) found.set(key, name);
    });
    return found;
  }
}

function candidates(link: RowLink, kind: number, schema: string): string {
  const { pairs, where, key, parentKey } = linkPairs(link, schema, true);
  return `select distinct ${key}, ${parentKey} from ${toMembers({ pairs, where, to: kind })}
    and not exists (select from pg_temp.etl_led d where d.way = ${quoteText(wayOf(link))}
      and d.source_key = ${key} and d.parent_key = ${parentKey}) limit ${String(PAGE)}`;
}
