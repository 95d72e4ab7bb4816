import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runProgram, versionOf } from '../lib/process.mjs';

/** An empty database for tools that copy tables under their own names. */
async function emptyCopy({ admin, query }) {
  await query(admin('postgres'), 'drop database if exists copy with (force)');
  await query(admin('postgres'), 'create database copy template template0');
}

/** Both ends as superuser, through the latency: these tools write schemas, and read catalogues. */
function ends({ admin, through }) {
  return ['source', 'copy'].map((database) => {
    const url = new URL(admin(database));
    url.port = String(through);
    return url.href;
  });
}

async function runTool(program, args, options) {
  const { code, stdout, stderr } = await runProgram(program, args, options);
  if (code !== 0 || /\b(ERROR|FATAL|KABOOM)/.test(stdout + stderr)) {
    throw new Error(`${program} ended with ${code}: ${(stdout + stderr).slice(-1500)}`);
  }
}

export const pgloader = {
  name: 'pgloader',
  title: `\`pgloader\` ${versionOf('pgloader') ?? ''}: the same rows, no transforms, no foreign keys`,
  holds: 'copy',
  missing: () => (versionOf('pgloader') === null ? 'pgloader is not installed' : null),
  prepare: emptyCopy,
  run: (bed) => {
    const [source, copy] = ends(bed);
    const file = path.join(mkdtempSync(path.join(bed.folder, 'pgloader-')), 'load');
    writeFileSync(
      file,
      `load database from ${source} into ${copy}
       with include drop, create tables, create indexes, reset sequences, workers = 4, concurrency = 1
       set maintenance_work_mem to '1GB'
       including only table names matching ~/doctors|patients|tasks/ in schema 'public';`,
    );
    return runTool('pgloader', ['--quiet', '--root-dir', path.dirname(file), file]);
  },
};

const major = (version) => Number.parseInt(version ?? '', 10);

export const pgcopydb = {
  name: 'pgcopydb',
  title: `\`pgcopydb\` ${versionOf('pgcopydb') ?? ''}: the same rows, no transforms, no foreign keys`,
  holds: 'copy',
  missing: ({ version }) => {
    if (versionOf('pgcopydb') === null) return 'pgcopydb is not installed';
    const dump = versionOf('pg_dump');
    return major(dump) < major(version)
      ? `pgcopydb needs a pg_dump of ${major(version)}, here is ${dump}`
      : null;
  },
  prepare: emptyCopy,
  run: (bed) => {
    const [source, copy] = ends(bed);
    const work = mkdtempSync(path.join(bed.folder, 'pgcopydb-'));
    const words = [
      '--table-jobs',
      '4',
      '--index-jobs',
      '4',
      '--no-owner',
      '--no-acl',
      '--skip-large-objects',
    ];
    const place = ['--dir', path.join(work, 'run'), '--source', source, '--target', copy];
    return runTool('pgcopydb', ['clone', ...place, ...words], { env: { TMPDIR: work } });
  },
};
