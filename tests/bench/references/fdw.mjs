import { psql } from '../lib/process.mjs';
import { needsPsql, TASKS } from './pipe.mjs';

/** Tables of the source as foreign tables of the target; not measured, for it is done once a migration. */
async function link({ admin, query, urls }) {
  const source = new URL(urls.source);
  const target = new URL(urls.target);
  await query(
    admin('target'),
    `create extension postgres_fdw;
     create server legacy foreign data wrapper postgres_fdw options (
       host '${source.hostname}', port '${source.port}', dbname '${source.pathname.slice(1)}',
       use_remote_estimate 'true', fetch_size '10000');
     create user mapping for ${target.username} server legacy options (
       user '${source.username}', password '${source.password}');
     create schema legacy authorization ${target.username};
     grant usage on foreign server legacy to ${target.username};`,
  );
  await query(
    urls.target,
    'import foreign schema public limit to (doctors, patients, tasks) from server legacy into legacy',
  );
}

const LOAD = [
  // Compiling a statement that runs once costs more than it saves.
  "set jit = off; set work_mem = '256MB'",
  'insert into doctors (legacy_id, name) select id, name from legacy.doctors order by id',
  'insert into patients (legacy_id, name) select id, name from legacy.patients order by id',
  // The planner knows nothing of tables that were filled a moment ago.
  'analyze doctors, patients',
  `insert into tasks (${TASKS})
   select t.id, p.id, d.id,
     case t.kind when 0 then 'call' when 1 then 'scan' when 2 then 'print' when 3 then 'pack'
       when 4 then 'ship' when 5 then 'bill' when 6 then 'check' when 7 then 'other' end,
     trim(t.title), t.body,
     case t.status when 'N' then 'new' when 'P' then 'pending' when 'D' then 'done' end,
     t.price, t.created at time zone 'America/New_York', t.finished at time zone 'America/New_York',
     t.urgent, t.extra
   from legacy.tasks t
   join patients p on p.legacy_id = t.patient_id
   join doctors d on d.legacy_id = t.doctor_id`,
];

export const fdw = {
  name: 'fdw',
  title:
    '`postgres_fdw`: one INSERT … SELECT a table with joins, CASE, trim, AT TIME ZONE; fetch_size 10,000',
  holds: 'made',
  missing: async ({ admin, query }) => {
    const found = await query(
      admin('target'),
      "select from pg_available_extensions where name = 'postgres_fdw'",
    );
    return found.length === 0 ? 'this server has no postgres_fdw' : needsPsql();
  },
  prepare: link,
  run: ({ urls }) => psql(urls.target, LOAD),
};
