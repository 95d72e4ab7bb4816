import type { DashboardProject, DashboardRun } from '../../engine/contract/dashboard.js';
import { counted, names } from '../format.js';
import { api } from './api.js';
import { h, withCode, type Child } from './dom.js';
import { partOfRun, stepsInWords } from './outlook.js';
import { accounting, command, facts, heading, notice, progress, section } from './parts.js';
import { stepsTable } from './steps-table.js';
import { criticalPath, timeline, timeSpent } from './time.js';
import { mappingLink } from './route.js';
import type { Open } from './view.js';
import { verdictOf } from './views-runs.js';
import { about, badge, lookOf, rate, spell, verdictTone, when } from './words.js';

/** One run: what is happening, what failed, when it will be done. */
export const openRun: Open = async ({ run }) => {
  const first = await api.run(run);
  return {
    title: first.run.run,
    renew: null,
    draw: ({ live, project }) => drawRun(live?.run.run === first.run.run ? live : first, project),
  };
};

function drawRun(run: DashboardRun, project: DashboardProject | null): readonly Child[] {
  return [
    heading('Run ', h('span.id', null, run.run.run)),
    state(run),
    h('div.notices', null, ...notices(run)),
    section('Accounting', null, accounting(run.run)),
    section('Mappings', stepsInWords(run.mappings), stepsTable(run, project)),
    section('Time', null, ...timeSpent(run.spent, run.bottleneck), criticalPath(run), timeline(run)),
  ];
}

function state(run: DashboardRun): Child {
  const { status, verdict, started_at, finished_at, operator, kind, resumes, exit_code } = run.run;
  const seconds = finished_at === null ? null : (Date.parse(finished_at) - Date.parse(started_at)) / 1000;
  return h(
    'div.state',
    null,
    h(
      'p.headline',
      null,
      badge(lookOf(status)),
      verdictOf(verdict),
      exit_code === null ? null : h('span.soft', null, `exit code ${String(exit_code)}`),
    ),
    run.alive ? outlook(run) : null,
    facts([
      ['Started', [when(started_at), ' UTC']],
      ['Ended', finished_at === null ? null : [when(finished_at), ` UTC, after ${spell(seconds)}`]],
      ['Kind', kind],
      ['By', operator],
      ['From', run.alive ? run.client : null],
      ['Resumed', resumes === 0 ? null : counted(resumes, 'time')],
      ['Memory', run.memory === null ? null : `${String(Math.round(run.memory / 1e6))} MB`],
      ['Retries', run.retries === 0 ? null : String(run.retries)],
      ['Reports', run.reports.length === 0 ? null : reports(run)],
    ]),
  );
}

/** How far it is and when it will be done, with what that rests on. */
function outlook(run: DashboardRun): Child {
  const part = partOfRun(run);
  const left = run.seconds_left;
  const done = left === null ? null : new Date(Date.parse(run.at) + left * 1000).toISOString();
  return h(
    'div.outlook',
    null,
    progress(part, 'Rows read of those expected'),
    h(
      'p',
      null,
      h(
        'strong',
        null,
        part === null ? 'How far it is nobody knows yet' : `${String(Math.floor(part * 100))}% of the rows`,
      ),
      run.rows_per_second === null ? null : ` · ${rate(run.rows_per_second)}`,
      left === null
        ? ' · time left: not known'
        : [' · ', h('strong', null, `${about(left)} left`), ', done at about ', when(done, 'clock'), ' UTC'],
    ),
    run.seconds_left_from === null ? null : h('p.soft', null, run.seconds_left_from),
  );
}

const FILES: Readonly<Record<string, string>> = { html: 'html', json: 'json', markdown: 'md', junit: 'xml' };

const reports = ({ reports: forms, run }: DashboardRun): Child =>
  forms.map((form, n) => [
    n === 0 ? null : ' · ',
    h(
      'a',
      {
        href: `/reports/${encodeURIComponent(run.run)}.${FILES[form] ?? form}`,
        target: '_blank',
        rel: 'noopener',
      },
      form,
    ),
  ]);

/** When the process of a run was last heard of. */
function gone({ mappings }: DashboardRun): Child {
  const heard = mappings.flatMap(({ updated_at }) => updated_at ?? []).sort();
  return [
    'Its process is gone',
    heard.length === 0 ? null : [' (last heard of at ', when(heard.at(-1) ?? null, 'clock'), ' UTC)'],
    '; what it had committed stays. ',
  ];
}

/** So many reasons are shown; the report has all. */
const REASONS = 6;

/** Why a run that has ended is no GO. */
function why({ run, reasons }: DashboardRun): Child {
  if (run.verdict === null || reasons.length === 0) return null;
  const more = reasons.length - REASONS;
  return notice(
    verdictTone(run.verdict),
    h('strong', null, `Why ${run.verdict}: `),
    h(
      'ul',
      null,
      reasons.slice(0, REASONS).map((reason) => h('li', null, reason)),
      more > 0 ? h('li', null, `and ${counted(more, 'more', 'more')} in the report`) : null,
    ),
  );
}

/** What somebody should do or know, the gravest first. */
function notices(run: DashboardRun): readonly Child[] {
  const { unfinished, constraints_dropped: dropped, second_passes: passes, mappings } = run;
  const failed = mappings.filter(({ status }) => status === 'failed');
  return [
    unfinished === null
      ? null
      : notice(
          'bad',
          h('strong', null, 'This run is not finished. '),
          run.run.status === 'cut_off' ? gone(run) : null,
          'Go on with: ',
          command(unfinished),
        ),
    why(run),
    failed.length === 0
      ? null
      : notice(
          'bad',
          h('strong', null, `${counted(failed.length, 'mapping')} failed: `),
          failed
            .slice(0, 8)
            .map(({ mapping }, n) => [
              n === 0 ? null : ', ',
              h('a', { href: mappingLink(run.run.run, mapping) }, mapping),
            ]),
          failed.length > 8 ? ' …' : null,
          run.alive ? '. Why, the run says in its own output, and this page when it has ended.' : null,
        ),
    ...dropped.map(({ table, objects, run: of }) =>
      notice(
        run.alive ? 'idle' : 'warn',
        run.alive ? 'While rows load, ' : '',
        h('code', null, table),
        ` is without ${names(objects)}${of === run.run.run ? '' : ` (since ${of})`}`,
        run.alive
          ? '; they are built again behind the rows.'
          : '. The next run, or the one resumed, builds them.',
      ),
    ),
    passes.length === 0
      ? null
      : notice(
          'idle',
          'Second passes still have to fill ',
          passes.map(({ mapping, column, rows }, n) => [
            n === 0 ? null : ', ',
            ...withCode(`\`${mapping}.${column}\` (${counted(rows, 'row')})`),
          ]),
          '.',
        ),
  ];
}
