#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander';
import { CHANGE_CLASSES, type ChangeClass } from '../contract/diff.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Completed } from './commands/completion.js';
import { guard } from './guards.js';
import { failureDocument, out, outputOf, report, type Output } from './io.js';
import { version } from './version.js';

interface Flags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly embedded?: boolean;
  readonly explain?: boolean;
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  readonly jobs?: number;
  readonly failFast?: boolean;
  readonly dryRun?: boolean;
  readonly fresh?: boolean;
  readonly logFile?: string;
  readonly withDependants?: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly run?: string;
  readonly watch?: boolean;
  readonly audit?: boolean;
  readonly mapping?: readonly string[];
  readonly rule?: string;
  readonly column?: string;
  readonly limit?: number;
  readonly limitDifferences?: number;
  readonly format?: string;
  readonly filter?: string;
  readonly out?: string;
  readonly full?: boolean;
  readonly base?: string;
  readonly baseDir?: string;
  readonly head?: string;
  readonly sample?: number;
  readonly failOn?: ChangeClass;
  readonly timezone?: string;
  readonly plan?: string;
  readonly detailedExitcode?: boolean;
  readonly around?: string;
  readonly depth?: number;
  readonly lineage?: string | true;
  readonly target?: boolean;
  readonly showSensitive?: boolean;
  readonly port?: number;
  readonly host?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly open?: boolean;
}

/** The commands with their options, as the shell completes them. */
const commandsOf = (all: Command): readonly Completed[] =>
  all.commands
    .filter((command) => command.name() !== 'complete')
    .map((command) => ({
      name: command.name(),
      options: command.options.flatMap(({ long, argChoices, required }) =>
        typeof long === 'string' ? [{ name: long, values: argChoices ?? [], takesValue: required }] : [],
      ),
    }));

/** Runs a command and leaves its exit code; nothing is thrown past here. */
async function finish(flags: Flags, work: (output: Output) => Promise<number>): Promise<void> {
  const output = outputOf(flags);
  guard(output);
  try {
    process.exitCode = await work(output);
  } catch (error) {
    process.exitCode = report(error, output);
  }
}

function jobs(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 to 999.');
  return Number(text);
}

function rows(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new InvalidArgumentError('It is a whole number from 0 to 65535.');
  }
  return Number(text);
}

const common = (command: Command): Command =>
  command
    .argument('<dir>', 'the project folder: the one with etl.yaml')
    .option('--json', 'print one JSON document on stdout')
    .option('--quiet', 'only results and errors')
    .option('--verbose', 'more about what goes wrong');

const embeddable = (command: Command): Command =>
  command.option('--embedded', 'on a PostgreSQL of its own, built from the files that etl.yaml names');

const selecting = (command: Command): Command =>
  embeddable(
    common(command)
      .option(
        '--select <selectors...>',
        'mappings by name, tag:x, phase:x, path:x, +x, x+; a comma intersects',
      )
      .option('--exclude <selectors...>', 'leave these out'),
  );

/** Those of reports/unit. */
const UNIT_FORMATS = ['text', 'junit', 'github', 'json'];

const DIFF_FORMATS = ['text', 'markdown', 'json', 'github'] as const;

// Each command loads what it needs itself: `validate` need not wait for drivers, logs and reports.
const program = new Command('etl')
  .description('Crosswalk: database migrations as mappings')
  .version(version())
  .showHelpAfterError('(etl --help shows what there is)')
  .exitOverride((stop) => {
    if (stop.exitCode === 0) process.exit(EXIT.done);
    const message = stop.message.replace(/^error: /, '');
    if (process.argv.includes('--json'))
      out(failureDocument(new EtlError(message, { exitCode: EXIT.usage })));
    process.exit(EXIT.usage);
  });

common(program.command('validate'))
  .description('check the files: language, references, graph; no database needed')
  .addOption(
    new Option('--format <format>', 'how to tell what is wrong; frames go to stderr either way')
      .choices(['text', 'json', 'github', 'sarif', 'junit'])
      .default('text'),
  )
  .action((dir: string, { format, ...flags }: Flags) => {
    const document = format === 'github' || format === 'sarif' || format === 'junit' ? format : null;
    return finish({ ...flags, json: flags.json === true || format === 'json' }, async (output) => {
      const { validateCommand } = await import('./commands/validate.js');
      return validateCommand(dir, document, output);
    });
  });

common(program.command('test'))
  .description('run the unit tests beside the mappings on the embedded server; no database needed')
  .option('--select <selectors...>', 'tests of these mappings, as for run')
  .option('--exclude <selectors...>', 'not of these')
  .option('--filter <text>', 'tests with this text in their name')
  .addOption(new Option('--format <format>', 'of the results').choices(UNIT_FORMATS).default('text'))
  .action((dir: string, flags: Flags) =>
    finish(flags, async (output) => {
      const { testCommand } = await import('./commands/test.js');
      const { select = [], exclude = [], filter = null, format = 'text' } = flags;
      return testCommand(dir, { select, exclude, filter, format }, output);
    }),
  );

program
  .command('schema')
  .argument('<kind>', 'mapping, test or project')
  .argument('[dir]', "a project folder, whose plugins' steps and rules are in it, too")
  .description('the JSON Schema of a kind of files, for editors')
  .option('--json', 'as it is anyway')
  .action((kind: string, dir: string | undefined) =>
    finish({}, async (output) => {
      const { schemaCommand } = await import('./commands/schema.js');
      return schemaCommand(kind, dir, output);
    }),
  );

common(program.command('init'))
  .description('a project to start from; overwrites nothing')
  .action((dir: string, flags: Flags) =>
    finish(flags, async (output) => {
      const { initCommand } = await import('./commands/init.js');
      return initCommand(dir, output);
    }),
  );

embeddable(common(program.command('scaffold')))
  .description('mappings from the two live schemas; a later call adds what is new and changes nothing else')
  .option('--timezone <zone>', 'in which the local times of the source are meant: America/New_York')
  .action((dir: string, flags: Flags) =>
    finish(flags, async (output) => {
      const { scaffoldCommand } = await import('./commands/scaffold.js');
      const { embedded = false, timezone = null } = flags;
      return scaffoldCommand(dir, { embedded, timezone }, output);
    }),
  );

program
  .command('completion')
  .argument('<shell>', 'bash, zsh, fish')
  .description('a script for the shell: source <(etl completion bash)')
  .option('--json', 'one JSON document on stdout')
  .action((shell: string, flags: Flags) =>
    finish(flags, async ({ json }) => {
      const { completionCommand } = await import('./commands/completion.js');
      return completionCommand(shell, commandsOf(program), json);
    }),
  );

// What the scripts of `completion` ask while somebody types.
program
  .command('complete', { hidden: true })
  .argument('[dir]')
  .action((dir: string | undefined) =>
    finish({ quiet: true }, async () => {
      const { completeSelectors } = await import('./commands/complete.js');
      return completeSelectors(dir ?? '.');
    }),
  );

common(program.command('graph'))
  .description('how the mappings hang together, and where columns come from; no database needed')
  .option('--select <selectors...>', 'these mappings, what they need and what needs them')
  .option('--exclude <selectors...>', 'not these')
  .addOption(
    new Option('--format <format>', 'lineage: column by column, as text')
      .choices(['mermaid', 'svg', 'dot', 'json', 'lineage'])
      .default('mermaid'),
  )
  .option('--around <mapping>', 'its neighbourhood instead, --depth arrows far')
  .option('--depth <n>', 'of --around', rows, 1)
  .option('--lineage [mapping]', 'where its columns come from, as text; mapping.column for one of them')
  .option('--out <file>', 'write it to a file')
  .action((dir: string, flags: Flags) =>
    finish(flags, async (output) => {
      const { graphCommand } = await import('./commands/graph.js');
      const { select = [], exclude = [], format = 'mermaid', out: file = null } = flags;
      const { around = null, depth = 1, lineage = false } = flags;
      return graphCommand(dir, { select, exclude, around, depth, lineage, format, out: file }, output);
    }),
  );

embeddable(common(program.command('diff')))
  .description(
    'what a change of the files does to the data: each change with its class, place and dependants',
  )
  .option('--base <ref>', 'the commit to compare with; REF... for where its branch parts from HEAD')
  .option('--base-dir <dir>', 'another folder to compare with, in place of a commit')
  .option('--head <ref>', 'a commit in place of the working tree')
  .option(
    '--sample <n>',
    'n source rows of each changed mapping through both states; asks the databases',
    rows,
  )
  .addOption(new Option('--fail-on <class>', 'exit code 6 from this class on').choices(CHANGE_CLASSES))
  .addOption(new Option('--format <format>', 'of what is found').choices(DIFF_FORMATS).default('text'))
  .action((dir: string, { format, ...flags }: Flags) => {
    const shown = DIFF_FORMATS.find((one) => one === format) ?? 'text';
    return finish({ ...flags, json: flags.json === true || shown === 'json' }, async (output) => {
      const { diffCommand } = await import('./commands/diff.js');
      const {
        base = null,
        baseDir = null,
        head = null,
        failOn = null,
        sample = null,
        embedded = false,
      } = flags;
      return diffCommand(dir, { base, baseDir, head, failOn, sample, embedded, format: shown }, output);
    });
  });

selecting(program.command('check'))
  .description('the preflight: connections, rights, catalogues, rows; reads only')
  .option('--full', 'read all rows, also where a sample would do')
  .option('--jobs <n>', 'mappings at a time that the run is to have', jobs)
  .addOption(
    new Option('--format <format>', 'of what is found').choices(['text', 'json', 'github', 'sarif', 'junit']),
  )
  .action((dir: string, { format, ...flags }: Flags) => {
    const document = format === 'github' || format === 'sarif' || format === 'junit' ? format : null;
    return finish({ ...flags, json: flags.json === true || format === 'json' }, async (output) => {
      const { checkCommand } = await import('./commands/check.js');
      const { select = [], exclude = [], embedded = false, full = false, jobs: atATime = null } = flags;
      return checkCommand(dir, { select, exclude, embedded, full, jobs: atATime, format: document }, output);
    });
  });

selecting(program.command('plan'))
  .description('show the steps that run would take')
  .option('--explain', 'with what was chosen for each load, why, and its SQL')
  .option('--out <file>', 'write it to a file, which etl run --plan keeps to')
  .option('--detailed-exitcode', 'exit code 6 where a mapping was not loaded yet as it is now')
  .action((dir: string, flags: Flags) =>
    finish(flags, async (output) => {
      const { planCommand } = await import('./commands/plan.js');
      const { select = [], exclude = [], embedded = false, explain = false, out: file = null } = flags;
      const { detailedExitcode = false } = flags;
      return planCommand(dir, { select, exclude, embedded, explain, out: file, detailedExitcode }, output);
    }),
  );

const loading = (command: Command): Command =>
  command
    .option('--jobs <n>', 'mappings at a time', jobs)
    .option('--fail-fast', 'stop at the first mapping that fails')
    .option('--log-file <file>', 'JSON lines; default DIR/.etl/logs/etl.log');

loading(selecting(program.command('run')))
  .description('the migration: plan, load, check, report')
  .option('--fresh', 'read everything, also where a mapping could go on from its last run')
  .option(
    '--dry-run',
    'do everything in one transaction of the target and take it back: only sequences move on',
  )
  .option('--limit <n>', 'load only n rows of each mapping, and every row that they refer to', rows)
  .option('--force', 'empty tables that are replaced (mode: replace) of rows that others made, too')
  .option('--plan <file>', 'keep to a plan of etl plan --out: nothing is loaded where it has become stale')
  .action((dir: string, flags: Flags) =>
    finish(flags, async (output) => {
      const { runCommand } = await import('./commands/run.js');
      const { select = [], exclude = [], embedded = false, failFast = false } = flags;
      const { fresh = false, force = false } = flags;
      const tried = { dryRun: flags.dryRun ?? false, limit: flags.limit ?? null };
      const settings = {
        select,
        exclude,
        embedded,
        failFast,
        fresh,
        force,
        ...tried,
        jobs: flags.jobs ?? null,
        plan: flags.plan ?? null,
      };
      return runCommand(dir, { ...settings, logFile: flags.logFile ?? null }, output);
    }),
  );

loading(embeddable(common(program.command('resume'))))
  .description('go on with an interrupted or failed run where it stopped')
  .action((dir: string, flags: Flags) =>
    finish(flags, async (output) => {
      const { resumeCommand } = await import('./commands/resume.js');
      const { embedded = false, failFast = false, jobs: atATime = null, logFile = null } = flags;
      return resumeCommand(dir, { embedded, failFast, jobs: atATime, logFile }, output);
    }),
  );

selecting(program.command('verify'))
  .description('all checks again, on what is in both databases now: every row compared; loads nothing')
  .addOption(
    new Option('--limit-differences <n>', 'differences of each kind and column that are named')
      .argParser(rows)
      .default(10),
  )
  .action((dir: string, flags: Flags) =>
    finish(flags, async (output) => {
      const { verifyCommand } = await import('./commands/verify.js');
      const { select = [], exclude = [], embedded = false, limitDifferences = 10 } = flags;
      return verifyCommand(dir, { select, exclude, embedded, limitDifferences }, output);
    }),
  );

embeddable(common(program.command('trace')))
  .description(
    'one record from its source row through each step to the target, or to what rejects it; loads nothing',
  )
  .argument('<mapping>', 'the mapping that the record is of')
  .argument('<key...>', 'its source key: one word, or of several columns as many words, a,b or a JSON array')
  .option('--target', 'the key is that of a row of the target: its identity, or else its target key')
  .option('--show-sensitive', 'values of sensitive columns, too')
  .option('--full', 'compare rows where values must be unique, however many there are')
  .action((dir: string, mapping: string, words: readonly string[], flags: Flags) =>
    finish(flags, async (output) => {
      const { traceCommand } = await import('./commands/trace.js');
      const { embedded = false, target = false, showSensitive = false, full = false } = flags;
      return traceCommand(dir, mapping, words, { embedded, target, showSensitive, full }, output);
    }),
  );

selecting(program.command('rollback'))
  .description('undo a run, the last one where none is named')
  .argument('[run]', 'its name, as etl.runs has it')
  .option('--with-dependants', 'mappings that refer to the selected ones, too')
  .option('--force', 'what others have changed since, too')
  .option('--yes', 'do not ask')
  .action((dir: string, run: string | undefined, flags: Flags) =>
    finish(flags, async (output) => {
      const { rollbackCommand } = await import('./commands/rollback.js');
      const { select = [], exclude = [], embedded = false, force = false, yes = false } = flags;
      const withDependants = flags.withDependants ?? false;
      const settings = { select, exclude, embedded, force, yes, withDependants };
      return rollbackCommand(dir, { ...settings, run: run ?? null }, output);
    }),
  );

embeddable(common(program.command('status')))
  .description('runs, mappings, rows, rate, time left; reads only')
  .option('--run <run>', 'this run’s mappings, not the last one’s')
  .option('--watch', 'until the run has ended')
  .option('--audit', 'what was done, by whom and when, and whether its chain of hashes holds')
  .addOption(
    new Option('--format <format>', 'prometheus: metrics, for the textfile collector')
      .choices(['text', 'json', 'prometheus'])
      .default('text'),
  )
  .action((dir: string, { format, ...flags }: Flags) =>
    finish({ ...flags, json: flags.json === true || format === 'json' }, async (output) => {
      const { statusCommand } = await import('./commands/status.js');
      const { run = null, watch = false, audit = false, embedded = false } = flags;
      const prometheus = format === 'prometheus';
      return statusCommand(dir, { run, watch, audit, embedded, prometheus }, output);
    }),
  );

embeddable(common(program.command('ui')))
  .description('the dashboard: runs, progress, graph, rejects and reports in a browser; reads only')
  .option('--port <n>', 'where it listens; 0 for any that is free', port, 4680)
  .option('--host <address>', 'beyond this machine with a token only', '127.0.0.1')
  .option(
    '--token <token>',
    'asked of whoever comes; auto makes one. Better in CROSSWALK_UI_TOKEN: arguments are seen by others',
  )
  .option('--token-file <file>', 'a file that holds it')
  .option('--open', 'open it in the browser')
  .action((dir: string, flags: Flags) =>
    finish(flags, async (output) => {
      const { uiCommand } = await import('./commands/ui.js');
      const { port: at = 4680, host = '127.0.0.1', token = null, tokenFile = null, open = false } = flags;
      const { embedded = false } = flags;
      return uiCommand(dir, { port: at, host, token, tokenFile, open, embedded }, output);
    }),
  );

embeddable(common(program.command('rejects')))
  .description('rows that were not loaded: list, show MAPPING KEY, export, replay')
  .argument('[action...]', 'list (default), show MAPPING KEY, export, replay')
  .option('--mapping <mappings...>', 'of these mappings')
  .option('--run <run>', 'of one run, not those that are open')
  .option('--rule <rule>', 'of one step, resolver, rule or constraint')
  .option('--column <column>', 'of one target column')
  .option('--limit <n>', 'so many causes, or rows of an export', rows)
  .addOption(new Option('--format <format>', 'of an export').choices(['csv', 'json']).default('csv'))
  .option('--out <file>', 'a new file in the project folder for an export; left out: stdout')
  .action((dir: string, words: readonly string[], flags: Flags) =>
    finish(flags, async (output) => {
      const { rejectsCommand } = await import('./commands/rejects.js');
      const { mapping = [], run = null, rule = null, column = null, limit = null } = flags;
      const { out: file = null, embedded = false } = flags;
      const format = flags.format === 'json' ? 'json' : 'csv';
      return rejectsCommand(
        dir,
        words,
        { mapping, run, rule, column, limit, format, out: file, embedded },
        output,
      );
    }),
  );

embeddable(common(program.command('report')))
  .description(
    'the report of a run again, the last one where none is named; from the state, also of one that was killed',
  )
  .argument('[run]', 'its name, as etl.runs has it')
  .option('--format <formats>', 'html, json, markdown, junit, parted by commas', 'html,json')
  .option('--out <folder>', 'where to; - for one document on stdout; default DIR/.etl/reports')
  .action((dir: string, run: string | undefined, flags: Flags) =>
    finish(flags, async (output) => {
      const { reportCommand } = await import('./commands/report.js');
      const { format = 'html,json', out: place = null, embedded = false } = flags;
      return reportCommand(dir, { run: run ?? null, format, out: place, embedded }, output);
    }),
  );

await program.parseAsync();
