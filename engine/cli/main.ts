#!/usr/bin/env node
import { Command } from 'commander';
import { EXIT, EtlError } from '../contract/errors.js';
import { failureDocument, out } from './io.js';
import { addFileCommands } from './program/files.js';
import { addLookingCommands } from './program/looking.js';
import { addMigrationCommands } from './program/migration.js';
import { version } from './version.js';

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

addFileCommands(program);
addMigrationCommands(program);
addLookingCommands(program);

await program.parseAsync();
