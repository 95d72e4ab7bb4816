import { psqlPipe, versionOf } from '../lib/process.mjs';

export const TASKS =
  'legacy_id, patient_id, doctor_id, kind, title, body, status, price, created_at, finished_at, urgent, extra';

/** Source and target of each table, parents first; ids are given in the order of the source's keys. */
export const TABLES = [
  ['copy doctors to stdout', 'copy doctors (legacy_id, name) from stdin'],
  ['copy patients to stdout', 'copy patients (legacy_id, name) from stdin'],
  ['copy tasks to stdout', `copy tasks (${TASKS}) from stdin`],
];

export const needsPsql = () => (versionOf('psql') === null ? 'psql is not installed' : null);

export const pipe = {
  name: 'pipe',
  title: '`psql` COPY piped into `psql` COPY, into the tables as they are; no transforms',
  holds: 'plain',
  missing: needsPsql,
  run: async ({ urls }) => {
    for (const [select, into] of TABLES) await psqlPipe(urls.source, select, urls.target, into);
  },
};

export const barePipe = {
  name: 'pass-pipe',
  title: 'the same pipe into a bare table: primary key, nothing else',
  holds: 'bare',
  missing: needsPsql,
  run: ({ urls }) => psqlPipe(urls.source, 'copy tasks to stdout', urls.target, 'copy bare from stdin'),
};
