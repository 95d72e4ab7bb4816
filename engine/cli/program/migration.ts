import { Option, type Command } from 'commander';
import { common, embeddable, finish, jobs, loading, rows, selecting, type Flags } from './options.js';

/** Commands that prepare, carry out, prove and undo a migration. */
export function addMigrationCommands(program: Command): void {
  embeddable(common(program.command('scaffold')))
    .description('mappings from the two live schemas; a later call adds what is new and changes nothing else')
    .option('--timezone <zone>', 'in which the local times of the source are meant: America/New_York')
    .action((dir: string, flags: Flags) =>
      finish(flags, async (output) => {
        const { scaffoldCommand } = await import('../commands/scaffold.js');
        const { embedded = false, timezone = null } = flags;
        return scaffoldCommand(dir, { embedded, timezone }, output);
      }),
    );

  selecting(program.command('check'))
    .description('the preflight: connections, rights, catalogues, rows; reads only')
    .option('--full', 'read all rows, also where a sample would do')
    .option('--jobs <n>', 'mappings at a time that the run is to have', jobs)
    .addOption(
      new Option('--format <format>', 'of what is found').choices([
        'text',
        'json',
        'github',
        'sarif',
        'junit',
      ]),
    )
    .action((dir: string, { format, ...flags }: Flags) => {
      const document = format === 'github' || format === 'sarif' || format === 'junit' ? format : null;
      return finish({ ...flags, json: flags.json === true || format === 'json' }, async (output) => {
        const { checkCommand } = await import('../commands/check.js');
        const { select = [], exclude = [], embedded = false, full = false, jobs: atATime = null } = flags;
        return checkCommand(
          dir,
          { select, exclude, embedded, full, jobs: atATime, format: document },
          output,
        );
      });
    });

  selecting(program.command('plan'))
    .description('show the steps that run would take')
    .option('--explain', 'with what was chosen for each load, why, and its SQL')
    .option('--out <file>', 'write it to a file, which etl run --plan keeps to')
    .option('--detailed-exitcode', 'exit code 6 where a mapping was not loaded yet as it is now')
    .action((dir: string, flags: Flags) =>
      finish(flags, async (output) => {
        const { planCommand } = await import('../commands/plan.js');
        const { select = [], exclude = [], embedded = false, explain = false, out: file = null } = flags;
        const { detailedExitcode = false } = flags;
        return planCommand(dir, { select, exclude, embedded, explain, out: file, detailedExitcode }, output);
      }),
    );

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
        const { runCommand } = await import('../commands/run.js');
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
        const { resumeCommand } = await import('../commands/resume.js');
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
        const { verifyCommand } = await import('../commands/verify.js');
        const { select = [], exclude = [], embedded = false, limitDifferences = 10 } = flags;
        return verifyCommand(dir, { select, exclude, embedded, limitDifferences }, output);
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
        const { rollbackCommand } = await import('../commands/rollback.js');
        const { select = [], exclude = [], embedded = false, force = false, yes = false } = flags;
        const withDependants = flags.withDependants ?? false;
        const settings = { select, exclude, embedded, force, yes, withDependants };
        return rollbackCommand(dir, { ...settings, run: run ?? null }, output);
      }),
    );
}
