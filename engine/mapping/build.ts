import type { Lookup } from '../contract/mapping.js';
import type { Located } from '../contract/problem.js';
import { suggest } from '../contract/suggest.js';
import type { ProjectFiles } from './load-files.js';
import type { Reading } from './form.js';
import { didYouMean, errorAt, repeated } from './report.js';

/** The look-ups of a mapping or of the project. */
export interface NamedLookups {
  /** Null where one is defined but cannot be used, which has been reported. */
  readonly byName: ReadonlyMap<string, Lookup | null>;
  /** False where the definitions could not be read, so that others may exist. */
  readonly complete: boolean;
}

/** What the normalising functions need of the project around a mapping. */
export interface Build extends Reading {
  readonly files: ProjectFiles;
  /** The names under `connections`, or null where etl.yaml cannot be read. */
  readonly connections: ReadonlySet<string> | null;
}

/** Reports a connection that etl.yaml does not define. */
export function checkConnection({ value, at }: Located<string>, { connections, report }: Build): void {
  if (connections === null || connections.has(value)) return;
  const known = [...connections];
  const help = didYouMean(suggest(value, known), known);
  report(errorAt('ETL-REF-001', at, `unknown connection "${value}"`, { label: 'not in etl.yaml', help }));
}

/** Reports names that stand twice in a list. */
export function checkRepeated(names: readonly Located<string>[], { report }: Pick<Build, 'report'>): void {
  for (const { value, at } of repeated(names)) {
    report(errorAt('ETL-LANG-017', at, `"${value}" stands twice in this list`, { help: 'remove one' }));
  }
}
