import type { Session } from '../../contract/session.js';
import type { RunContext } from '../context.js';
import type { GoneRows } from './gone.js';
import type { RowLink } from './links.js';
import type { Taken, Tally } from '../rows/tally.js';

/** Rows that are read and written down at a time. */
const PAGE = 10_000;

/** What takes rows back out of the target. */
export interface TakeBackInputs {
  readonly context: RunContext;
  /** In a transaction that the caller ends; its `etl_leaving` holds the rows. */
  readonly session: Session;
  readonly links: readonly RowLink[];
  readonly gone: GoneRows;
  /** The counts of a mapping that this run has loaded; null where it is still to come, undefined where it never will. */
  readonly tallyOf: (mapping: string) => Tally | null | undefined;
  /** SQL that adds to a mapping's step. */
  readonly checkpoint: (mapping: string, taken: Taken, rejected: number) => string;
}

/** A row of `etl_leaving`. */
export interface GoneRow {
  /** SQL of its place in the order of {@link pages}. */
  readonly at: string;
  readonly mapping: string;
  readonly key: string;
  readonly take: boolean;
  readonly was: string | null;
  /** The entry in `second_pass` of a row that waited. */
  readonly pass: string | null;
  readonly via: string;
  readonly parent: { readonly mapping: string; readonly key: string } | null;
  readonly rule: string | null;
  readonly sqlstate: string | null;
  readonly reason: string | null;
  readonly value: string | null;
}

/** All rows, those that others hang on first. */
export async function* pages(session: Session): AsyncIterable<readonly GoneRow[]> {
  for (let last = '(-1, 0)'; ;) {
    const { rows } = await session.query(
      `select found, n, mapping, source_key, take, was, pass, via, parent_mapping, parent_key, rule, sqlstate, reason, value
       from pg_temp.etl_leaving where (found, n) > ${last} order by found, n limit ${String(PAGE)}`,
    );
    if (rows.length === 0) return;
    const page = rows.map(([found, n, mapping, key, take, was, pass, via, of, parent, rule, sqlstate, reason, value]) => ({
      at: `(${found ?? ''}, ${n ?? ''})`, mapping: mapping ?? '', key: key ?? '', take: take === 't', was: was ?? null, pass: pass ?? null, via: via ?? '',
      parent: typeof of === 'string' && typeof parent === 'string' ? { mapping: of, key: parent } : null,
      rule: rule ?? null, sqlstate: sqlstate ?? null, reason: reason ?? null, value: value ?? null,
    })); // prettier-ignore
    yield page;
    last = page.at(-1)?.at ?? last;
  }
}
