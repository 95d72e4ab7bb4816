import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Client, DatabaseError } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { embeddedError } from './program.js';
import { type SqlPart, splitSql } from './sql-text.js';

/**
 * What a dump says of the server that it came from, and not of the data: owners, grants, roles, databases. Left out,
 * as `pg_restore --no-owner --no-privileges` does: the embedded server has owners and roles of its own.
 */
const LEFT_OUT = [
  /^alter\s[^']*\sowner\s+to\s+(?:"[^"]+"|\S+)$/i,
  /^(?:grant|revoke|alter\s+default\s+privileges)\s/i,
  /^(?:create|drop|alter)\s+(?:database|role|user(?!\s+mapping)|group)\s/i,
  /^comment\s+on\s+(?:database|role)\s/i,
  /^set\s+(?:session\s+authorization|role)\s/i,
  /^set\s+client_encoding\s*(?:=|to)\s*'?utf-?8'?$/i,
];

/** What a dump needs a superuser for: its statements run as one, what they make is the owner's all the same. */
const AS_SUPERUSER = [
  /^(?:create|comment\s+on)\s+extension\s/i,
  /^alter\s+table\s[^']*\s(?:disable|enable)\s+trigger\s+all$/i,
];

const ENCODING = /^set\s+client_encoding\s*(?:=|to)\s*(.*)$/i;

/** psql's own commands that a file does without. */
const PSQL_LEFT_OUT = /^\\(?:restrict|unrestrict|echo|qecho|warn|set|unset|pset|timing|encoding|x|t|a)\b/;
const PSQL_CONNECT = /^\\c(?:onnect)?\b\s*(.*)$/;

const CHUNK_BYTES = 1 << 16;

/** Sets what the files of a session read with `current_setting`. @throws EtlError that names the setting */
export async function applySettings(client: Client, settings: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, value] of settings) {
    await client.query('select set_config($1, $2, false)', [name, value]).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw embeddedError(
        `the setting ${name} of the embedded databases cannot be set: ${why}`,
        'Mend it under `embedded:` in etl.yaml; the name of a setting of your own has a dot: shop.seed.',
        error,
      );
    });
  }
}

/**
 * Runs an SQL file (plain statements or a plain dump of pg_dump, COPY data included; UTF-8) in the client's database
 * as `owner`, for whom the client is a superuser's and is left as one; or, where that is null, as the client's own
 * role and in its transaction. Throws EtlError with the file and line of the first statement that fails; what came before it stays.
 */
export async function runSqlFile(client: Client, file: string, owner: string | null): Promise<void> {
  const content = await readFile(file).catch((error: unknown) => {
    throw embeddedError(
      `the SQL file ${shown(file)} of the embedded databases cannot be read`,
      'Mend its path under `embedded:` in etl.yaml.',
      error,
    );
  });
  await runSql(client, content, { name: shown(file), owner });
}

/** As {@link runSqlFile}, for a text at hand; `name` stands for the file in messages. */
export async function runSql(
  client: Client,
  content: Buffer,
  options: { name: string; owner: string | null },
): Promise<void> {
  const { name, owner } = options;
  const become = owner === null ? null : `set session authorization ${client.escapeIdentifier(owner)}`;
  const connections = new Set<string>();
  if (become !== null) await client.query(become);
  for (const part of splitSql(content)) {
    if (part.kind === 'psql') {
      skipPsql(part, name, connections);
      continue;
    }
    await runPart(client, part, become).catch((error: unknown) => {
      throw failed(name, part, error);
    });
  }
  if (become !== null) await client.query('rollback; reset session authorization; reset all');
}

async function runPart(
  client: Client,
  part: Exclude<SqlPart, { kind: 'psql' }>,
  become: string | null,
): Promise<void> {
  if (part.kind === 'copy') {
    await pipeline(Readable.from(chunksOf(part.rows)), client.query(copyFrom(part.text)));
    return;
  }
  if (LEFT_OUT.some((form) => form.test(part.text))) return;
  const encoding = ENCODING.exec(part.text)?.[1];
  if (encoding !== undefined) throw new Error(`the file is in ${encoding}; only UTF8 can be loaded`);
  if (become === null || !AS_SUPERUSER.some((form) => form.test(part.text))) {
    await client.query(part.text);
    return;
  }
  await client.query('reset session authorization');
  await client.query(part.text);
  await client.query(become);
}

function* chunksOf(rows: Buffer): Generator<Buffer> {
  for (let at = 0; at < rows.length; at += CHUNK_BYTES) yield rows.subarray(at, at + CHUNK_BYTES);
}

/** A file may say once which database it is for; a second one would load two databases into one. */
function skipPsql(part: SqlPart, name: string, connections: Set<string>): void {
  const database = PSQL_CONNECT.exec(part.text)?.[1];
  if (database !== undefined) connections.add(database);
  if (connections.size <= 1 && (database !== undefined || PSQL_LEFT_OUT.test(part.text))) return;
  const what = connections.size > 1 ? 'a second database' : part.text.split(/\s/, 1)[0];
  throw embeddedError(
    `${name}:${part.line}: ${what ?? ''}: the embedded server runs SQL, not psql's commands`,
    'Keep one database a file, list included files under `embedded:` in etl.yaml, or dump with pg_dump.',
  );
}

function failed(name: string, part: SqlPart, error: unknown): Error {
  const line = lineOf(part, error);
  const message = error instanceof Error ? error.message : String(error);
  const detail = error instanceof DatabaseError && error.detail ? ` (${error.detail})` : '';
  return embeddedError(
    `${name}:${line}: ${message}${detail}`,
    'Mend the statement, then run the command again. Nothing of the database that it was building was kept.',
    error,
  );
}

/** PostgreSQL gives a character of the statement (from 1), or in COPY the number of the row. */
function lineOf(part: SqlPart, error: unknown): number {
  if (!(error instanceof DatabaseError)) return part.line;
  const row = /^COPY .*, line (\d+)/m.exec(error.where ?? '')?.[1];
  if (part.kind === 'copy' && row !== undefined) return part.rowsLine + Number(row) - 1;
  const before = error.position === undefined ? 0 : Number(error.position) - 1;
  return (
    part.line +
    Array.from(part.text)
      .slice(0, before)
      .filter((character) => character === '\n').length
  );
}

function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}
