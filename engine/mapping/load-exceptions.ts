import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AcceptedException } from '../contract/exception.js';
import type { Mapping } from '../contract/mapping.js';
import type { Located } from '../contract/problem.js';
import { suggest } from '../contract/suggest.js';
import type { Build } from './build.js';
import { EXCEPTIONS_FILE } from './load-files.js';
import { readYaml, rootPlace } from './read-yaml.js';
import { didYouMean, errorAt } from './report.js';
import { EXCEPTIONS, type RawException } from './spec/exceptions.js';

/** What else the project says, as far as it could be read. */
interface Known {
  readonly mappings: readonly Mapping[];
  /** False where there may be mappings of other names. */
  readonly complete: boolean;
}

/** exceptions.yaml of the project folder, in its order; nothing where there is no such file. */
export function readExceptions(known: Known, build: Build): readonly AcceptedException[] {
  const path = join(build.files.folder, EXCEPTIONS_FILE);
  if (!existsSync(path)) return [];
  const root = readYaml(path, build.files, build.report);
  if (root === null) return [];
  const read = EXCEPTIONS.read(root, rootPlace(root, EXCEPTIONS_FILE), build);
  return (read?.items ?? []).flatMap((raw) => normalise(raw, known, build) ?? []);
}

function normalise({ values }: RawException, known: Known, build: Build): AcceptedException | null {
  const { mapping, rule, column, check, up_to: upTo, who, why, until } = values;
  if (mapping === undefined || who === undefined || why === undefined || until === undefined) return null;
  checkNames({ mapping, rule, column }, known, build);
  const said = {
    mapping: mapping.value,
    upTo: upTo ?? null,
    who: who.value,
    why: why.value,
    until,
    at: mapping.at,
  };
  if (rule !== undefined) {
    return { ...said, what: { kind: 'rule', rule: rule.value, column: column?.value ?? null } };
  }
  return check === undefined ? null : { ...said, what: { kind: 'check', check: check.value } };
}

interface Names {
  readonly mapping: Located<string>;
  readonly rule: Located<string> | undefined;
  readonly column: Located<string> | undefined;
}

/** A misspelt name would accept nothing, and say so only in the report. */
function checkNames({ mapping, rule, column }: Names, known: Known, build: Build): void {
  const { report } = build;
  const found = known.mappings.find(({ name }) => name === mapping.value);
  if (found === undefined) {
    if (!known.complete) return;
    const names = known.mappings.map(({ name }) => name);
    const help = didYouMean(suggest(mapping.value, names), names);
    const label = 'no mapping has this name';
    report(errorAt('ETL-REF-003', mapping.at, `unknown mapping "${mapping.value}"`, { label, help }));
    return;
  }
  if (rule !== undefined) checkRule(rule, found, build);
  if (column === undefined || found.sameName !== null || found.plainCopy) return;
  const columns = found.columns.map((each) => each.column.value);
  if (columns.includes(column.value)) return;
  const message = `mapping "${found.name}" has no column "${column.value}"`;
  const help = didYouMean(suggest(column.value, columns), columns);
  report(errorAt('ETL-REF-009', column.at, message, { label: 'no such target column', help }));
}

/** What rejects and warnings are named after besides steps, rules and the target's constraints. */
const OTHERS = ['map', 'lookup', 'references', 'not_null', 'sql', 'key', 'duplicates', 'deleted_rows'];

/** Names of constraints stand in the target alone, so that a name that is near to a known one is only a warning. */
function checkRule({ value, at }: Located<string>, mapping: Mapping, { steps, rules, report }: Build): void {
  const named = mapping.rules.map(({ name }) => name);
  const known = [...steps.keys(), ...rules.keys(), ...named, ...OTHERS];
  const near = known.includes(value) ? null : suggest(value, known);
  if (near === null) return;
  const message = `no step, resolver or rule of mapping "${mapping.name}" is named "${value}"`;
  const help = `did you mean "${near}"? The name of a constraint of the target may stand here as well`;
  report({ ...errorAt('ETL-RULE-001', at, message, { help }), severity: 'warning' });
}
