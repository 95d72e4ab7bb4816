import type { RejectFilter } from '../../state/rejects.js';

/** What `etl rejects` is asked. */
export interface RejectsFlags {
  readonly mapping: readonly string[];
  readonly run: string | null;
  readonly rule: string | null;
  readonly column: string | null;
  readonly limit: number | null;
  readonly format: 'csv' | 'json';
  readonly out: string | null;
  readonly embedded: boolean;
}

export const filterOf = (project: string, { mapping, run, rule, column }: RejectsFlags): RejectFilter => ({
  project,
  run,
  mappings: mapping,
  rule,
  column,
});
