import { isDeepStrictEqual } from 'node:util';
import { plainKey } from './expected.mjs';

/** Each of these gives what differs, a line each; none where all is as expected. */

const differs = (what, found, wanted) =>
  isDeepStrictEqual(found, wanted)
    ? []
    : [`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`];

const sum = (list, key) => list.reduce((total, one) => total + one[key], 0);

/** Rejects by column and rule: a summary tells those of other first causes apart. */
function byRule(rejects) {
  const counts = {};
  for (const { column, rule, count } of rejects) {
    const name = `${column ?? '(row)'} ${rule}`;
    counts[name] = (counts[name] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const byColumn = (list) => [...list].sort((a, b) => (a.column + a.mapping < b.column + b.mapping ? -1 : 1));

/** The mappings of a summary or list against those that are expected. */
function names(found, wanted) {
  const [here, there] = [found, wanted].map((list) => new Set(list));
  return [
    ...[...there].filter((name) => !here.has(name)).map((name) => `${name} is missing`),
    ...[...here]
      .filter((name) => !there.has(name))
      .map((name) => `${name}: expected.sql has no such mapping`),
  ];
}

/**
 * A run's accounting against what the source's rows give.
 * @param inserted by mapping, how many of the loaded rows are new; null: all of them
 * @param gone by mapping, keys of loaded rows whose source row is gone: checks warn of them
 * @param settled nothing has changed since the run before: no row is updated
 */
export function judgeRun(summary, { mappings }, { inserted, gone, settled = false }) {
  const faults = [
    ...differs('status', [summary.status, summary.exit_code], ['succeeded', 0]),
    ...names(
      summary.mappings.map(({ mapping }) => mapping),
      Object.keys(mappings),
    ),
  ];
  for (const one of summary.mappings) {
    const wanted = mappings[one.mapping];
    if (wanted === undefined) continue;
    const say = (what, found, want) => faults.push(...differs(`${one.mapping}: ${what}`, found, want));
    const loaded = one.inserted + one.updated + one.unchanged;
    say('unexplained', one.unexplained, 0);
    say('what was read less what became of it', one.read - loaded - one.skipped - one.rejected, 0);
    for (const { check, status } of one.checks) {
      const verdict = ['row_count', 'content'].includes(check) && gone[one.mapping] ? 'warned' : 'passed';
      say(`the check "${check}"`, status, verdict);
    }
    if (one.read_from !== null) continue; // a delta: what it did not read, the open rejects and etl verify judge
    say('read', one.read, wanted.read);
    say('loaded', loaded, wanted.inserted);
    say('inserted', one.inserted, inserted === null ? wanted.inserted : (inserted[one.mapping] ?? 0));
    if (settled) say('updated', one.updated, 0);
    say('skipped', one.skipped_by, wanted.skipped);
    say('rejected', byRule(one.rejects), byRule(wanted.rejected));
    say('warnings', one.warnings, wanted.warnings);
    say('references', byColumn(one.references), byColumn(wanted.references));
  }
  return faults;
}

/** What `etl check` foresees. */
export function judgeCheck(report, { mappings }) {
  const faults = [
    ...differs('grade', [report.grade, report.exit_code], ['ready with exceptions', 0]),
    ...names(
      report.mappings.map(({ mapping }) => mapping),
      Object.keys(mappings),
    ),
  ];
  for (const { mapping, loadable, references } of report.mappings) {
    const wanted = mappings[mapping];
    if (wanted === undefined) continue;
    faults.push(...differs(`${mapping}: loadable`, loadable, wanted.inserted));
    faults.push(...differs(`${mapping}: references`, byColumn(references), byColumn(wanted.references)));
    // Rows that are rejected are named; references that may be lost are only counted.
    const found = report.findings.filter(
      ({ subject, samples }) => subject === `mapping ${mapping}` && samples.length > 0,
    );
    const rows = found.reduce((total, { rows: at }) => total + (at?.count ?? 0), 0);
    faults.push(...differs(`${mapping}: rows that would be rejected`, rows, sum(wanted.rejected, 'count')));
    for (const column of new Set(wanted.rejected.flatMap(({ column: of }) => of ?? []))) {
      const of = (list) => list.filter((one) => one.column === column);
      const seen = sum(
        of(found).map((one) => ({ count: one.rows?.count ?? 0 })),
        'count',
      );
      faults.push(
        ...differs(
          `${mapping}.${column}: rows that would be rejected`,
          seen,
          sum(of(wanted.rejected), 'count'),
        ),
      );
    }
  }
  return faults;
}

/** The rows of etl.open_rejects, key by key. */
export function judgeRejects(rows, { rejects }) {
  const name = ({ mapping, key, column, rule }) =>
    `${mapping} ${key === null ? '(no key)' : plainKey(key)}: ${column ?? '(row)'} ${rule}`;
  const [found, wanted] = [rows, rejects].map((list) => new Set(list.map(name)));
  return [
    ...[...wanted].filter((one) => !found.has(one)).map((one) => `a reject is missing: ${one}`),
    ...[...found].filter((one) => !wanted.has(one)).map((one) => `a reject that no defect explains: ${one}`),
  ];
}

/** Sums `{ mapping, column, sum }` of the target against those of the source. */
export function judgeMoney(found, { money }) {
  const name = ({ mapping, column }) => `${mapping}.${column}`;
  const wanted = new Map(money.map((one) => [name(one), one.sum]));
  return found.flatMap((one) =>
    wanted.has(name(one))
      ? differs(name(one), one.sum, wanted.get(name(one)))
      : [`${name(one)}: tests/fixtures/clinic/money.sql has no sum of it`],
  );
}
