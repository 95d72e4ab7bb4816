import type { DatabaseRefusal } from '../contract/batch.js';
import type { Table } from '../contract/catalogue.js';
import { quoteText } from './identifier.js';

/** What became of staged rows; the refused by their place among them, from 0. */
export interface Applied {
  readonly done: number;
  readonly refused: ReadonlyMap<number, DatabaseRefusal>;
}

export const NOTHING_APPLIED: Applied = { done: 0, refused: new Map() };

/**
 * Takes a row from each block that is not taken back: rows written in a block carry the id of its subtransaction, and
 * the row's own `xmin` is where that can be learned.
 */
export const SUBTRANSACTIONS = 'pg_temp.etl_subtransactions';

/** SQL that makes the table; empty at the begin of each transaction. */
export const CREATE_SUBTRANSACTIONS =
  'create temp table if not exists etl_subtransactions () on commit delete rows';

/** What {@link applyFunction} calls a row that a policy refuses: the server's own 42501 may be a missing right, too. */
const POLICY = 'ETL04';

/** The handler's part about a table whose policies judge what the role writes; null where none does. */
function policyHandler(table: Table): { readonly strict: string; readonly single: string } | null {
  if (table.rowSecurity === null) return null;
  const names = table.rowSecurity.policies.map((name) => `"${name}"`).join(', ');
  const detail = names === '' ? 'no policy lets the role write it' : `policies of the role: ${names}`;
  return {
    strict: `if strict and sqlstate = '42501' then raise exception '%', sqlerrm using errcode = '${POLICY}'; end if;`,
    single: `if sqlstate = '42501' then why := ${quoteText(detail)}; end if;`,
  };
}

/**
 * SQL that makes the function `pg_temp.<name>(first, last, size, strict)`: it runs a statement over staged rows block
 * by block, and row by row where a block fails. As a function of the session it keeps the statement's plan, which
 * costs more than the rows of a small block otherwise.
 * @param statement reads its rows as `ordinal between etl.low and etl.high`, and names all else with its table
 * @param before what comes before it in the block; may set `wanted`, the rows that the statement must touch
 * @param table what the statement writes to
 */
export function applyFunction(name: string, statement: string, before: string, table: Table): string {
  const policies = policyHandler(table);
  const body = `
<<etl>>
declare
  low bigint := first; high bigint; touched bigint; wanted bigint; done bigint := 0; refused jsonb[] := '{}';
  below jsonb; said text; why text; col text; con text;
begin
  while low <= last loop
    high := least(low + size - 1, last);
    begin
      insert into ${SUBTRANSACTIONS} default values;
      ${before}
      ${statement};
      get diagnostics touched = row_count;
      if touched <> wanted then
        raise exception 'a trigger of the table took the row without an error' using errcode = 'ETL01';
      end if;
      done := done + touched;
    exception when others then
      -- Only what is in a row may be refused: no lost connection, no full disk, no deadlock, no missing right.
      -- What a trigger's own code raises is the row's too, and so are an index row or a nesting beyond the server's limits.
      ${policies?.strict ?? ''}
      if strict or sqlstate !~ '^(2[0-3]|2F|3[89]|44|54|P0|ETL01${policies === null ? '' : '|42501'})' and sqlstate ~ '^([0-5FHPX]|ETL)' then
        raise;
      end if;
      if size > 1 then
        below := pg_temp.${name}(low, high, 1, false);
        done := done + (below->>'done')::bigint;
        refused := refused || array(select jsonb_array_elements(below->'refused'));
      else
        get stacked diagnostics said = message_text, why = pg_exception_detail, col = column_name,
          con = constraint_name;
        ${policies?.single ?? ''}
        refused := array_append(refused, jsonb_build_object('ordinal', low, 'sqlstate', sqlstate,
          'message', said, 'detail', why, 'column', col, 'constraint', con));
      end if;
    end;
    low := high + 1;
  end loop;
  return jsonb_build_object('done', done, 'refused', to_jsonb(refused));
end`;
  return `create or replace function pg_temp.${name}(first bigint, last bigint, size bigint, strict boolean)
    returns jsonb language plpgsql set plan_cache_mode = force_generic_plan as ${quoteText(body)}`;
}

/** Reads what such a function answered. */
export function readApplied(json: string | null | undefined): Applied {
  const answer = JSON.parse(json ?? '{"done":0,"refused":[]}') as {
    done: number;
    refused: {
      ordinal: number;
      sqlstate: string;
      message: string;
      detail: string | null;
      column: string | null;
      constraint: string | null;
    }[];
  };
  const refused = answer.refused.map((r): [number, DatabaseRefusal] => [
    r.ordinal - 1,
    {
      sqlstate: r.sqlstate,
      reason: r.detail === null || r.detail === '' ? r.message : `${r.message} (${r.detail})`,
      column: (r.column === '' ? null : r.column) ?? keyColumn(r.detail),
      constraint: r.constraint === '' ? null : r.constraint,
    },
  ]);
  return { done: answer.done, refused: new Map(refused) };
}

/** The one column that the server's detail names, `Key (email)=(…)`, in whatever language it speaks. */
const keyColumn = (detail: string | null): string | null =>
  /\(([^(),]+)\)=\(/.exec(detail ?? '')?.[1] ?? null;
