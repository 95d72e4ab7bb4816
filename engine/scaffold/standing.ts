import type { Table } from '../contract/catalogue.js';
import type { Mapping } from '../contract/mapping.js';
import { spokenOf } from './extend.js';
import type { Parent } from './draft-column.js';
import type { Proposal } from './propose.js';

/** A mapping that stands in the project already, with the tables that it speaks of. */
export interface Standing {
  readonly mapping: Mapping;
  /** Absolute path and text of its file; null for an entry under `copy`. */
  readonly file: { readonly path: string; readonly text: string } | null;
  /** A query's columns as a table without keys. */
  readonly source: Table;
  readonly target: Table;
  /** The source is a table as a whole. */
  readonly isTable: boolean;
}

/** As others refer to it. */
export function parentOf({ mapping, source, target, isTable }: Standing): Parent {
  const key = mapping.plainCopy ? source.primaryKey : mapping.source.key.map(({ value }) => value);
  const found = mapping.plainCopy ? target.primaryKey : mapping.target.key.map(({ value }) => value);
  const identity = mapping.target.identity?.column.value ?? null;
  return {
    mapping: mapping.name,
    phase: mapping.phase,
    target,
    source: isTable ? source : null,
    sourceKey: key.map((name) => ({
      name,
      base: source.columns.find((column) => column.name === name)?.type.base ?? 'text',
    })),
    yields: identity ?? (found.length === 1 ? (found[0] ?? null) : null),
  };
}

/** The target columns that a standing mapping deals with, in whatever way. */
export function dealtWith({ mapping, file, source, target }: Standing): ReadonlySet<string> {
  const there = new Set(source.columns.map(({ name }) => name));
  const same =
    mapping.sameName === null ? [] : target.columns.flatMap(({ name }) => (there.has(name) ? [name] : []));
  const identity = mapping.target.identity?.column.value;
  return new Set([
    ...mapping.columns.map(({ column }) => column.value),
    ...(identity === undefined ? [] : [identity]),
    ...same,
    ...(file === null ? [] : spokenOf(file.text)),
  ]);
}

/** A proposal for a standing mapping, which has its key already. */
export const asItStands = (proposal: Proposal, { mapping }: Standing): Proposal => ({
  ...proposal,
  key: { ...proposal.key, identity: mapping.target.identity?.column.value ?? null },
});
