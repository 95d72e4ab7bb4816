import type { Session } from '../contract/session.js';
import { quoteText } from '../postgres/identifier.js';
import { hashSql } from './upgrade-2-audit.js';

/** What is to be written down; who and when are the session's and the server's. */
export interface AuditEntry {
  /** Null for what is no project's own. */
  readonly project: string | null;
  readonly run: string | null;
  /** A few words: `rollback begun`. */
  readonly event: string;
  /** Plain data; never a row's values. */
  readonly details: object;
}

const orNull = (text: string | null): string => (text === null ? 'null' : quoteText(text));

/** JSON that jsonb takes: texts without U+0000 and lone surrogates. */
const storable = (details: object): string =>
  JSON.stringify(details, (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', '�').toWellFormed() : value,
  );

/**
 * SQL that appends to the audit, best as the last statement before a COMMIT: other entries wait from then on. Runs,
 * constraints that were dropped or put back, and upgrades need none, triggers write those down.
 * @param schema the state schema, quoted
 */
export const auditSql = (schema: string, { project, run, event, details }: AuditEntry): string =>
  `select ${schema}.append_audit(${orNull(project)}, ${orNull(run)}, ${quoteText(event)},
    ${quoteText(storable(details))}::jsonb)`;

/** An entry as it is kept. */
export interface Audited {
  readonly id: number;
  /** ISO 8601 in UTC with microseconds. */
  readonly at: string;
  readonly project: string | null;
  readonly run: string | null;
  readonly operator: string;
  readonly databaseUser: string;
  readonly event: string;
  readonly details: object;
  readonly hash: string;
}

/** The last entries of a project, and those of no project, in their order. @param limit at the most, counted from the end */
export async function readAudit(
  session: Session,
  schema: string,
  of: {
    readonly project: string;
    readonly run: string | null;
    readonly limit: number;
    /** An entry that they have to come before; left out: none. */
    readonly before?: string | null;
  },
): Promise<readonly Audited[]> {
  const { rows } = await session.query(
    `select * from (select id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), project, run, operator,
       database_user, event, details, hash from ${schema}.audit
     where (($2::text is null and (project = $1 or project is null)) or (project = $1 and run = $2))
       and ($4::bigint is null or id < $4)
     order by id desc limit $3) last order by id`,
    [of.project, of.run, of.limit, of.before ?? null],
  );
  return rows.map(([id, at, project, run, operator, databaseUser, event, details, hash]) => ({
    id: Number(id),
    at: at ?? '',
    project: project ?? null,
    run: run ?? null,
    operator: operator ?? '',
    databaseUser: databaseUser ?? '',
    event: event ?? '',
    details: JSON.parse(details ?? '{}') as object,
    hash: hash ?? '',
  }));
}

/** What the chain's own arithmetic says. */
export interface Chain {
  readonly entries: number;
  /** The last entry's hash: who keeps it elsewhere can tell a chain that was made anew. Null where there is none. */
  readonly head: string | null;
  /** The first entry that does not fit, and why; null where the chain holds. */
  readonly broken: { readonly id: number; readonly at: string; readonly reason: string } | null;
}

/** Computes every hash again, by SQL of its own: a function of the schema may have been replaced. */
export async function verifyChain(session: Session, schema: string): Promise<Chain> {
  const { rows } = await session.query(
    `with entry as (
       select a.*, lag(a.id, 1, 0::bigint) over (order by a.id) last_id, lag(a.hash) over (order by a.id) last_hash
       from ${schema}.audit a
     ), checked as (
       select id, at, last_id, hash, case when last_id + 1 <> id then 'gap'
         when previous is distinct from last_hash then 'previous' when hash <> ${hashSql('entry')} then 'hash' end why
       from entry
     )
     select count(*) over (), last_value(hash) over (order by id rows between unbounded preceding and unbounded following),
       id, at, why, last_id
     from checked order by checked.why is null, id limit 1`,
  );
  const [count, head, id, at, why, lastId] = rows[0] ?? [];
  const facts = { entries: Number(count ?? 0), head: head ?? null };
  if (facts.entries === 0) {
    return { ...facts, broken: { id: 1, at: '', reason: 'every entry is gone: the schema begins with one' } };
  }
  if (why === null) return { ...facts, broken: await missingRun(session, schema, facts.entries) };
  const reason =
    why === 'gap'
      ? `the entries between ${lastId ?? '0'} and it are gone`
      : why === 'previous'
        ? 'it does not carry the hash of the entry before: one of the two was exchanged'
        : 'its hash is not that of what it says: it was changed';
  return { ...facts, broken: { id: Number(id), at: at ?? '', reason } };
}

/** A chain whose end was cut off is whole again in itself: what the runs say must be in it. */
async function missingRun(session: Session, schema: string, entries: number): Promise<Chain['broken']> {
  const { rows } = await session.query(
    `select run, started_at from ${schema}.runs r
     where started_at > (select at from ${schema}.audit where id = 1)
       and not exists (select from ${schema}.audit a where a.project = r.project and a.run = r.run)
     order by epoch limit 1`,
  );
  const [run, at] = rows[0] ?? [];
  if (run === undefined) return null;
  const reason = `what follows entry ${String(entries)} is gone: run ${run ?? ''} is not written down`;
  return { id: entries + 1, at: at ?? '', reason };
}
