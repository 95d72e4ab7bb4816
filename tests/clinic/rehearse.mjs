// npm run rehearse [-- --scale full --seed 7 --keep]: the worked example's migration from end to end on the embedded
// server, as a user types it, with a day's changes of the source, a kill -9 and a rollback in between. After each
// stage it compares what is there with what the source's rows alone give (tests/fixtures/clinic), and ends with 1 at the
// first difference.
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { withBed } from '../bench/lib/bed.mjs';
import { LOADED, pipeAll, rowsIn, setAside, tablesOf } from '../bench/lib/loaded.mjs';
import { readOptions } from '../bench/lib/options.mjs';
import { killEtl, runEtl, versionOf } from '../bench/lib/process.mjs';
import { randoms } from '../faults/randoms.mjs';
import { Book, Difference } from './lib/book.mjs';
import { CHANGES, expectedOf } from './lib/expected.mjs';
import { judgeCheck, judgeMoney, judgeRejects, judgeRun } from './lib/judge.mjs';
import { CLINIC, clinicProject, SIZES } from './lib/project.mjs';
import * as target from './lib/target.mjs';

const options = readOptions('npm run rehearse --', 'the worked example from end to end', {
  ...SIZES,
  keep: ['flag', '', 'leave databases and reports where they are, and say where'],
  out: ['text', null, 'the file for the figures; default mappings/.etl/rehearsal-<scale>-<seed>.md'],
  until: ['text', null, 'end behind this stage: preflight, plan, undisturbed, killed, delta, rollback'],
  'no-pipes': ['flag', '', 'do not measure raw pipes of the same rows (they need psql)'],
});
const { scale, seed, keep } = options;
const outFile = options.out ?? path.join(CLINIC, `.etl/rehearsal-${scale}-${seed}.md`);
const book = new Book();
const DIR = 'mappings/';

/** A rehearsal under way: its databases, what they must hold by now, and a session on the target for questions. */
class Rehearsal {
  expected = null;
  money = [];
  undisturbed = null;

  constructor(bed, project, client) {
    Object.assign(this, { bed, project });
    this.query = async (sql) => [await client.query(sql)].flat().at(-1).rows;
    this.last = project.phases.at(-1);
  }

  etl(words, codes = [0]) {
    return runEtl(words, { urls: this.bed.urls, cwd: this.bed.folder, codes });
  }

  async learn() {
    this.expected = await expectedOf(this.bed.admin('source'), this.project);
  }

  /** Accounting, rejects key by key and money. @param about what a later run inserts, and which rows are gone */
  async judge(summary, { inserted = null, gone = {}, settled = false } = {}) {
    const open = await this.query(
      'select mapping, source_key as key, column_name as column, rule from etl.open_rejects',
    );
    this.money = await target.moneyOf(this.query, this.tables, gone);
    return [
      ...judgeRun(summary, this.expected, { inserted, gone, settled }),
      ...judgeRejects(open, this.expected),
      ...judgeMoney(this.money, this.expected),
    ];
  }

  async run(stage, words, { about, judged, more = async () => [] }) {
    const done = await this.etl(words, [0, 4, 5]);
    const faults = [...(await this.judge(done.summary, about)), ...(await more(done))];
    const [rows, sums] = [this.expected.rejects.length, this.money.length];
    const all = `accounting, ${rows.toLocaleString('en')} rejects by key, ${sums} sums${judged ? `, ${judged}` : ''}`;
    const came = Book.counts(done.summary);
    book.enter(stage, { words: `etl ${words.join(' ')}`, came, ...done, judged: all, faults });
    return done;
  }

  async verify(stage) {
    const done = await this.etl(['verify', DIR], [0, 5]);
    const wrong = done.summary.mappings.flatMap(({ mapping, checks }) =>
      checks
        .filter(({ status }) => status !== 'passed')
        .map(({ check, differences }) => `${mapping}: ${check}: ${JSON.stringify(differences ?? [])}`),
    );
    const came = `${done.summary.mappings.flatMap(({ checks }) => checks).length} checks`;
    book.enter(stage, { words: `etl verify ${DIR}`, came, ...done, faults: wrong });
  }

  async report(stage) {
    const words = [
      'report',
      DIR,
      '--format',
      'html,json,markdown,junit',
      '--out',
      `reports-${stage.replace(' ', '-')}`,
    ];
    const done = await this.etl(words);
    const files = readdirSync(path.join(this.bed.folder, words.at(-1)));
    const kinds = ['html', 'json', 'md', 'xml'].filter(
      (kind) => !files.some((file) => file.endsWith(`.${kind}`)),
    );
    book.enter(stage, {
      ...{ words: `etl ${words.join(' ')}`, came: `${files.length} files`, ...done },
      faults: kinds.map((kind) => `no report in the format ${kind}`),
    });
  }
}

const STAGES = [
  async function preflight(it) {
    // All rows, so that its figures can be held against the truth: a larger table would be known from a sample only.
    const words = ['check', DIR, '--full'];
    const done = await it.etl(words);
    const came = `${done.summary.grade}, ${done.summary.findings.length} findings`;
    const judged = 'rows that would be loaded and rejected, references';
    book.enter('check', {
      words: `etl ${words.join(' ')}`,
      came,
      ...done,
      judged,
      faults: judgeCheck(done.summary, it.expected),
    });
  },

  async function plan(it) {
    const done = await it.etl(['plan', DIR]);
    const { steps } = done.summary;
    const missing = it.project.mappings.filter(({ name }) => !steps.some(({ mapping }) => mapping === name));
    const faults = missing.map(({ name }) => `no step loads ${name}`);
    book.enter('plan', { words: `etl plan ${DIR}`, came: `${steps.length} steps`, ...done, faults });
  },

  async function undisturbed(it) {
    it.undisturbed = await it.run('run', ['run', DIR], {});
    await setAside(it.bed);
    if (options['no-pipes'] || versionOf('psql') === null) return;
    const tables = await tablesOf(it.bed);
    const start = performance.now();
    await pipeAll(it.bed, tables);
    const pipes = (performance.now() - start) / 1000;
    const rows = (await rowsIn(it.bed, 'public', tables)).toLocaleString('en');
    const ratio = (it.undisturbed.seconds / pipes).toFixed(2);
    book.note(
      `raw pipes of the same ${rows} rows: ${pipes.toFixed(1)} s; the run took ${ratio} times as long`,
    );
    await it.bed.reset([LOADED]);
  },

  async function killed(it) {
    const all = Object.values(it.expected.mappings).reduce((sum, { read }) => sum + read, 0);
    const wanted = Math.round(all * (0.1 + 0.8 * randoms(seed)()));
    const [{ read }] = await it.query(`select to_regclass('etl.steps') is null as read`);
    if (!read) throw new Error('the target was not made anew');
    // Before the first batch there is no schema to ask.
    const readBy = async () =>
      Number(
        (await it.query('select sum(read) as read from etl.steps').catch(() => [{ read: 0 }]))[0].read ?? 0,
      );
    let by = 0;
    const isTime = async () => (by = await readBy()) >= wanted;
    const killed = await killEtl(['run', DIR], { urls: it.bed.urls, cwd: it.bed.folder, isTime });
    if (killed === null) throw new Error(`the run came to its end before ${wanted} rows were read`);
    const came = `killed behind ${by.toLocaleString('en')} of ${all.toLocaleString('en')} rows`;
    book.enter('kill -9', { words: `etl run ${DIR}`, came, ...killed });
    const { summary } = await it.run('resume', ['resume', DIR], {
      judged: `every row, constraint and index of ${it.tables.size} tables with the undisturbed run's`,
      more: async () => [
        ...(await target.differencesTo(it.query, it.tables, LOADED)),
        ...(await target.constraintDifferences(it.query, LOADED)),
      ],
    });
    it.first = summary.run;
    await it.verify('verify');
    await it.report('report');
  },

  async function delta(it) {
    await target.snapshot(it.query, it.tables, 'before_delta');
    await it.bed.query(it.bed.admin('source'), CHANGES);
    await it.learn();
    const { fresh, gone } = it.expected;
    const { summary } = await it.run('delta', ['run', DIR], {
      about: { inserted: fresh, gone },
      judged: 'new rows, rows whose source is gone',
      more: async ({ summary: { mappings } }) => [
        ...(mappings.some(({ updated }) => updated > 0) ? [] : ['no row was updated']),
        ...mappings.flatMap(({ mapping, read_from: from, deleted_rows: { found } }) =>
          from !== null || found === (gone[mapping]?.length ?? 0)
            ? []
            : [`${mapping}: ${found} rows whose source is gone, not ${gone[mapping]?.length ?? 0}`],
        ),
      ],
    });
    it.second = summary.run;
    await target.snapshot(it.query, it.tables, 'after_delta');
  },

  async function rollback(it) {
    const ofPhase = new Map(
      [...it.tables].filter(([, { phases }]) => phases.every((phase) => phase === it.last)),
    );
    const others = new Map([...it.tables].filter(([name]) => !ofPhase.has(name)));
    for (const [run, stage] of [
      [it.second, 'rollback'],
      [it.first, 'rollback 2'],
    ]) {
      const words = ['rollback', DIR, run, '--select', `phase:${it.last}`, '--yes'];
      const done = await it.etl(words);
      const sum = (key) => done.summary.mappings.reduce((total, one) => total + one[key], 0);
      const faults = [
        ...(await target.differencesTo(it.query, others, 'after_delta')),
        ...(run === it.second
          ? await target.differencesTo(it.query, ofPhase, 'before_delta')
          : await target.left(it.query, ofPhase)),
      ];
      const came = `${sum('deleted').toLocaleString('en')} rows deleted, ${sum('restored').toLocaleString('en')} restored`;
      const judged = `${ofPhase.size} tables as before the run, ${others.size} untouched`;
      book.enter(stage, { words: `etl ${words.join(' ')}`, came, ...done, judged, faults });
    }
    it.others = others;
  },

  async function again(it) {
    const { gone, mappings } = it.expected;
    const away = Object.fromEntries(
      Object.entries(gone).filter(([mapping]) =>
        [...it.others.values()].some((table) => table.mappings.includes(mapping)),
      ),
    );
    const phaseOf = new Map(it.project.mappings.map(({ name, phase }) => [name, phase]));
    const inserted = Object.fromEntries(
      Object.entries(mappings).map(([name, { inserted: rows }]) => [
        name,
        phaseOf.get(name) === it.last ? rows : 0,
      ]),
    );
    await it.run('run again', ['run', DIR], {
      about: { inserted, gone: away, settled: true },
      judged: 'every row with those before the rollback',
      more: () => target.differencesTo(it.query, it.tables, 'after_delta', gone),
    });
    await it.report('final report');
  },
];

let failed = null;
await withBed(
  { ...(await clinicProject(options)).embedded, data: `${DIR}.etl/embedded`, keep },
  async (bed) => {
    book.say(`scale ${scale}, seed ${seed}, PostgreSQL ${bed.version}${keep ? `, in ${bed.folder}` : ''}`);
    cpSync(CLINIC, path.join(bed.folder, DIR), {
      recursive: true,
      filter: (file) => path.basename(file) !== '.etl',
    });
    const client = new pg.Client({ connectionString: bed.admin('target') });
    await client.connect();
    const it = new Rehearsal(bed, await clinicProject(options), client);
    try {
      await it.query(`set work_mem = '256MB'`);
      it.tables = await target.tablesOfProject(it.query, it.project);
      await it.learn();
      for (const stage of STAGES) {
        await stage(it);
        if (stage.name === options.until) break;
      }
    } catch (error) {
      failed = error instanceof Difference ? error.message : (error.stack ?? String(error));
    } finally {
      await client.end();
    }
    const title = `Rehearsal of the clinic: scale ${scale}, seed ${seed}`;
    const figures = book.markdown({ title, version: bed.version, money: it.money, failed });
    mkdirSync(path.dirname(outFile), { recursive: true });
    writeFileSync(outFile, figures);
    console.log(`\n${figures}\nwritten to ${outFile}`);
    if (keep) console.log(`kept: cd ${bed.folder} && npx etl status mappings --embedded`);
  },
);
if (failed !== null) {
  console.error(`\n${failed}`);
  process.exitCode = 1;
}
