import { placeOf } from '../compile/refused-sql.js';
import type { Hooks } from '../contract/mapping.js';
import type { Position } from '../contract/problem.js';
import type { SqlText } from '../contract/sql-text.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { isRetryable } from '../postgres/failure.js';
import { quoteText } from '../postgres/identifier.js';
import { splitStatements } from '../postgres/statements.js';
import { auditSql } from '../state/audit.js';
import type { RunContext } from './context.js';
import type { Retries } from './sessions/retries.js';

/** Whose hooks they are. */
export interface HookOwner {
  /** Null for those of etl.yaml. */
  readonly mapping: string | null;
  readonly when: keyof Hooks;
}

/** Statements that would end the hook's own transaction. */
const TRANSACTION =
  /^(?:begin|start\s+transaction|commit|end|abort|rollback(?!\s+(?:work\s+|transaction\s+)?to\b)|prepare\s+transaction)\b/i;

/**
 * Runs hooks in their order, each in a transaction of its own on a session of its own, with its entry in the audit.
 * What fails for what may pass is done again, so that a hook may be done twice.
 * @throws EtlError exit 2 with the hook's place in the file, and the place in it that the server names
 */
export async function runHooks(
  context: Pick<RunContext, 'once' | 'schema' | 'handle' | 'project'>,
  hooks: readonly SqlText[],
  owner: HookOwner,
  retries: Retries,
): Promise<void> {
  for (const hook of hooks) {
    const statements = splitStatements(hook.value);
    const own = statements.find((statement) => TRANSACTION.test(statement));
    if (own !== undefined)
      throw failed(hook.at, owner, `each hook is a transaction of its own, without "${own}"`);
    await retries.run(
      'a hook failed',
      () => runOnce(context, hook, statements, owner),
      () => Promise.resolve(),
    );
  }
}

async function runOnce(
  { once, schema, handle, project }: Pick<RunContext, 'once' | 'schema' | 'handle' | 'project'>,
  hook: SqlText,
  statements: readonly string[],
  owner: HookOwner,
): Promise<void> {
  const session = await once('target');
  try {
    await session.query('begin');
    const running = await session.query(
      `select from ${schema}.runs where run = ${quoteText(handle.run)} and epoch = ${handle.epoch} and status = 'running' for share`,
    );
    if (running.rows.length === 0) {
      throw new EtlError(`run ${handle.run} is not the running one any more`, { exitCode: EXIT.transient });
    }
    await runStatements(session, hook, statements, owner);
    const details = { mapping: owner.mapping, when: owner.when, at: placeText(hook.at), sql: hook.value };
    await session.query(
      auditSql(schema, { project: project.name, run: handle.run, event: 'hook run', details }),
    );
    await session.query('commit');
  } catch (error) {
    await session.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    await session.close();
  }
}

/** One by one, so that the place that the server names is one of the statement's. */
async function runStatements(
  session: Session,
  hook: SqlText,
  statements: readonly string[],
  owner: HookOwner,
): Promise<void> {
  let at = 0;
  for (const statement of statements) {
    at = hook.value.indexOf(statement, at);
    try {
      await session.query(statement);
    } catch (error) {
      if (isRetryable(error) || !(error instanceof EtlError)) throw error;
      const offset = positionOf(error.cause);
      const before = Array.from(hook.value.slice(0, at)).length;
      const place = placeOf(hook, offset === null ? null : before + offset - 1);
      throw failed(place, owner, error.message, error);
    }
    at += statement.length;
  }
}

/** The character, from 1, at which the server's complaint points. */
function positionOf(cause: unknown): number | null {
  if (typeof cause !== 'object' || cause === null || !('position' in cause)) return null;
  const position = Number(cause.position);
  return Number.isInteger(position) && position > 0 ? position : null;
}

const placeText = ({ file, line }: Position): string => `${file}:${String(line)}`;

function failed(at: Position, { when }: HookOwner, why: string, cause?: EtlError): EtlError {
  const place = `${placeText(at)}:${String(at.column)}`;
  return new EtlError(`hooks.${when} failed at ${place}: ${why}`, {
    exitCode: EXIT.usage,
    help:
      cause?.help ??
      'nothing of this hook was done; mend it, and go on with etl resume: hooks run again then, so they must be repeatable',
    ...(cause === undefined ? {} : { cause }),
  });
}
