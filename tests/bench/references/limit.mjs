import { psql, psqlPipe } from '../lib/process.mjs';
import { needsPsql, TABLES } from './pipe.mjs';

/** What the session that builds indexes and checks foreign keys is given, as a careful person does. */
const GENEROUS = "set maintenance_work_mem = '1GB'; set max_parallel_maintenance_workers = 4";

/** One ALTER a table: the indexes one after the other, all with parallel workers. */
const key = (dropped) => (dropped ? 'add primary key (id), ' : '');

/** What stands in the way of the rows goes in one transaction. */
const drop = (dropped) => `
  alter table tasks drop constraint tasks_patient_id_fkey, drop constraint tasks_doctor_id_fkey,
    drop constraint tasks_legacy_id_key${dropped ? ', drop constraint tasks_pkey' : ''};
  alter table patients drop constraint patients_legacy_id_key;
  alter table doctors drop constraint doctors_legacy_id_key`;

/** Foreign keys last: their check reads the parents and would otherwise come before the rows are known as unique. */
const rebuild = (dropped) => [
  GENEROUS,
  'alter table doctors add unique (legacy_id)',
  'alter table patients add unique (legacy_id)',
  `alter table tasks ${key(dropped)}add unique (legacy_id)`,
  'alter table tasks add foreign key (patient_id) references patients, add foreign key (doctor_id) references doctors',
];

const limitOf = (name, dropped) => ({
  name,
  group: 'limit',
  title:
    `foreign keys and uniques dropped, primary key ${dropped ? 'too' : 'kept'}, \`psql\` COPY into \`psql\` COPY, ` +
    'built again with 1 GB of maintenance_work_mem; no transforms',
  holds: 'plain',
  missing: needsPsql,
  run: async ({ urls }) => {
    await psql(urls.target, [drop(dropped)]);
    for (const [select, into] of TABLES) await psqlPipe(urls.source, select, urls.target, into);
    await psql(urls.target, rebuild(dropped));
  },
});

/** Which of the two is faster depends on how many rows: both run, the faster is the limit. */
export const limitKeyKept = limitOf('limit', false);
export const limitKeyDropped = limitOf('limit-key', true);
