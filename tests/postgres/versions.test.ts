import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { assertVersion } from '../../engine/postgres/server-version.js';
import { CHECKOUT } from '../cli/etl.js';

/**
 * What PostgreSQL has learnt since 13, and the files that may say it because they ask first whether the server knows it
 * (`to_regprocedure`, `to_jsonb(row)->>'column'`, `current_setting(…, true)`); unit tests have a server of their own.
 * From the release notes of 14 to 18.
 */
const NEWER: Readonly<Record<string, readonly [pattern: RegExp, known: readonly string[]]>> = {
  '14, functions': [
    /\b(range_agg|multirange|date_bin|bit_count|trim_array|string_to_table|pg_xact_commit_timestamp_origin|pg_get_wal_replay_pause_state|unistr)\b/,
    [],
  ],
  '14, columns': [
    /\b(attcompression|stxdinherit|rngmultitypid|idle_session_timeout)\b/,
    ['postgres/settings.ts', 'postgres/advice.ts'],
  ],
  '15, functions': [
    /\b(regexp_count|regexp_instr|regexp_like|regexp_substr|has_parameter_privilege|pg_size_bytes)\(/,
    [],
  ],
  '15, columns': [
    /\b(indnullsnotdistinct|daticulocale|colliculocale|datlocprovider|security_invoker)\b/,
    ['postgres/constraint-facts.ts', 'postgres/described.ts'],
  ],
  '15, syntax': [/\b(merge into|nulls not distinct)\b/i, []],
  '16, functions': [
    /\b(pg_input_is_valid|pg_input_error_info|any_value|random_normal|json_arrayagg|json_objectagg|array_shuffle|array_sample)\(/,
    ['check/question.ts', 'postgres/suspects.ts', 'postgres/constraint-facts.ts', 'unit/values.ts'],
  ],
  '16, columns and settings': [
    /\b(reserved_connections|inherit_option|set_option|scram_iterations|leader_pid)\b/,
    ['check/connection-facts.ts', 'postgres/free-connections.ts'],
  ],
  '17': [
    /\b(json_table|json_exists|json_query|json_value|transaction_timeout|uuid_extract_\w+|maintain|pg_stat_checkpointer|to_bin|to_oct)\b\(?/,
    ['postgres/settings.ts'],
  ],
  '18': [
    /\b(uuidv7|uuidv4|casefold|conenforced|conperiod|array_sort|array_reverse|pg_aios)\b/,
    ['postgres/constraint-facts.ts', 'postgres/constraints.ts', 'postgres/described.ts'],
  ],
};

/** Words that steps and the reading of SQL know, which no server is asked for. */
const NO_SQL = /^(sql|steps|cli|mapping|embedded|contract)\//;

test('no SQL of the engine wants more than PostgreSQL 13, unless it asks first', async () => {
  const engine = path.join(CHECKOUT, 'engine');
  const names = (await readdir(engine, { recursive: true })).map((name) => name.split(path.sep).join('/'));
  const files = names.filter((name) => name.endsWith('.ts') && !NO_SQL.test(name));
  expect(files.length).toBeGreaterThan(200);
  const texts = await Promise.all(files.map((file) => readFile(path.join(engine, file), 'utf8')));
  const found = files.flatMap((file, n) => {
    // Comments may speak of what is not used.
    const code = (texts[n] ?? '').replace(/\/\*[\s\S]*?\*\/|^\s*(?:\/\/|--).*$/gm, '');
    return Object.entries(NEWER).flatMap(([version, [pattern, known]]) => {
      const hit = pattern.exec(code)?.[0];
      return hit === undefined || known.includes(file) ? [] : [`${file}: ${hit} is of PostgreSQL ${version}`];
    });
  });
  expect(found).toEqual([]);
});

test.for([
  ['source', '12.22 (Debian 12.22-1)', /"source" is PostgreSQL 12\.22.*older than 13 are not supported/],
  ['target', '12.22', /"target" is PostgreSQL 12\.22.*older than 13 are not supported/],
  ['target', '13.23', null],
  ['source', '13.23', null],
  ['target', '19beta1', null],
  ['target', '', null],
] as const)('%s %s', ([name, version, message]) => {
  const attempt = (): void => {
    assertVersion(name, version);
  };
  if (message === null) attempt();
  else expect(attempt).toThrow(message);
});
