import type { Batch, DatabaseRefusal } from '../../engine/contract/batch.js';
import type { CompiledMapping } from '../../engine/contract/compiled.js';
import type { Session } from '../../engine/contract/session.js';
import { Catalogue } from '../../engine/postgres/catalogue.js';
import { PgSession } from '../../engine/postgres/connect.js';
import { Loader } from '../../engine/postgres/loader.js';
import { copyLines } from '../../engine/run/rows/batch.js';
import { UPGRADES } from '../../engine/state/schema.js';
import { AT, compiledOf } from '../support/compiled.js';
import { createDatabases, query, type Databases } from '../support/database.js';

export type Values = readonly (string | null)[];

/** What a table holds after a batch, and what was said of the rows that it refused, by their places. */
export interface Outcome {
  readonly rows: readonly string[];
  readonly refused: readonly (readonly [number, DatabaseRefusal])[];
}

/** What one message to the target was about. */
export type Message = 'straight' | 'probe' | 'sure and suspects' | 'staged' | 'end';

/** A table `thing` of a database of its own with a loader for it. */
export interface Target {
  readonly sql: (text: string) => Promise<readonly Record<string, unknown>[]>;
  /** As superuser. */
  readonly admin: (text: string) => Promise<readonly Record<string, unknown>[]>;
  /** A loader as a run makes it, in place of the one before; `messages` grows with what it sends. */
  loader(messages?: Message[]): Promise<Loader>;
  /** What the rows' load one by one, in their order, each with a savepoint of its own, would leave behind. */
  oneByOne(rows: readonly Values[]): Promise<Outcome>;
  contents(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Inserts rows one by one; what it gives says what the server said of those that it refused. */
const ONE_BY_ONE = `create function one_by_one(batch json) returns json language plpgsql as $$
declare one json; n int := 0; said text; why text; col text; con text; refused json[] := '{}';
begin
  set constraints all immediate;
  for one in select value from json_array_elements(batch) loop
    begin
      execute (select 'insert into thing values (' || string_agg(quote_nullable(v), ', ') || ')'
               from json_array_elements_text(one) v);
    exception when others then
      get stacked diagnostics said = message_text, why = pg_exception_detail, col = column_name, con = constraint_name;
      refused := refused || json_build_array(n, json_build_object('sqlstate', sqlstate, 'reason',
        said || case when why = '' then '' else ' (' || why || ')' end, 'column', col, 'constraint', con));
    end;
    n := n + 1;
  end loop;
  return to_json(refused);
end $$`;

const RUN = `insert into etl.runs (run, project, status, mappings_hash, operator) values ('r', 'test', 'running', '', '');
  insert into etl.steps (run, mapping) values ('r', 'test')`;

const STATE = `create schema etl; create table etl.version (version int); ${UPGRADES.map((upgrade) => upgrade('etl')).join('; ')}`;

/** One for all tests of the process, with the state schema in it; what a test makes goes before the next one's. */
let shared: Promise<Databases> | null = null;

/** @param table SQL that makes the table `thing` and all around it; one at a time */
export async function openTarget(table: string): Promise<Target> {
  const databases = await (shared ??= createDatabases({ target: STATE }));
  await query(
    databases.targetAdmin,
    `drop schema public cascade; delete from etl.runs;
     create schema public authorization pg_database_owner`,
  );
  await query(databases.target, `${RUN}; ${ONE_BY_ONE}; ${table}`);
  let session: PgSession | null = null;
  const sql: Target['sql'] = (text) => query(databases.target, text);
  const contents = async (): Promise<readonly string[]> =>
    (await sql('select thing::text as row from thing order by thing::text collate "C"')).map((row) =>
      String(row['row']),
    );
  return {
    sql,
    admin: (text) => query(databases.targetAdmin, text),
    contents,
    loader: async (messages = []) => {
      await session?.close();
      session = await openSession(databases.target);
      return loaderOf(session, messages);
    },
    oneByOne: async (rows) => {
      const json = JSON.stringify(rows).replaceAll("'", "''");
      const [found] = await sql(
        `begin; create temp table said on commit drop as select one_by_one('${json}') as refused;
         select refused, (select coalesce(json_agg(thing::text order by thing::text collate "C"), '[]') from thing) as rows from said`,
      );
      return found as unknown as Outcome;
    },
    close: async () => {
      await session?.close();
    },
  };
}

const openSession = (url: string): Promise<PgSession> =>
  PgSession.open(
    { name: 'target', url, ssl: null, ca: null, searchPath: [], origin: 'the test', at: AT },
    'test',
  );

async function loaderOf(session: PgSession, messages: Message[]): Promise<Loader> {
  const table = (await (await Catalogue.open(session)).tables(['thing'])).get('thing');
  if (table === undefined) throw new Error('there is no table "thing"');
  const columns: CompiledMapping['columns'] = table.columns
    .filter((column) => !column.generated)
    .map((column) => ({ column, at: AT, make: { kind: 'bytes', field: 0, checks: [] }, volatile: false }));
  const compiled = compiledOf([], columns, { table, handle: [0] });
  const [run] = (await session.query("select epoch from etl.runs where run = 'r'")).rows;
  return new Loader(listened(session, messages), compiled, 'etl', { run: 'r', epoch: run?.[0] ?? '' });
}

/** The session itself, with an ear for what is sent. */
function listened(session: PgSession, messages: Message[]): Session {
  return {
    pid: session.pid,
    backendStart: '',
    isLost: false,
    query: session.query.bind(session),
    queries: session.queries.bind(session),
    copyOut: session.copyOut.bind(session),
    close: session.close.bind(session),
    script: (sql, payloads) => {
      messages.push(messageOf(sql));
      return session.script(sql, payloads);
    },
  };
}

function messageOf(sql: string): Message {
  if (sql.includes('copy pg_temp.etl_probe')) return 'probe';
  const copies = sql.includes('copy "public"."thing"');
  if (sql.includes('set constraints')) return 'staged';
  if (sql.includes('etl_insert_rows(') && copies) return 'sure and suspects';
  return sql.startsWith('begin') || sql.startsWith('rollback') ? 'straight' : 'end';
}

/** Rows as the run hands them over. `updates` are behind the value of the column `id`. */
export function batchOf(inserts: readonly Values[], updates: readonly Values[] = []): Batch {
  const lines = copyLines(updates.map((row) => [row[0] ?? null, ...row]));
  return {
    inserts: { lines: copyLines(inserts), count: inserts.length },
    updates: { lines, count: updates.length },
    unchanged: 0,
    asides: () => [],
    counts: (refused) => ({
      read: inserts.length + updates.length,
      skipped: 0,
      rejected: refused.inserts.size + refused.updates.size,
      bytes: 0,
      bytesRead: 0,
    }),
    assertAllowed: () => undefined,
    lastKey: null,
  };
}
