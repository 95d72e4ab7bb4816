import { basename } from 'node:path';
import type { Mapping } from '../contract/mapping.js';
import { suggest } from '../contract/suggest.js';
import type { UnitTest, UnitTestFile } from '../contract/unit-test.js';
import type { Build } from './build.js';
import { readYaml, rootPlace, startOf } from './read-yaml.js';
import { didYouMean, errorAt } from './report.js';
import { TESTS } from './spec/test.js';
import type { RawTest } from './spec/test.js';

/**
 * The unit tests beside mappings, by file. @param mappings those of the project; null where not all could be read, so
 * that a name may be one of theirs
 */
export function readTests(
  paths: readonly string[],
  mappings: readonly Mapping[] | null,
  build: Build,
): readonly UnitTestFile[] {
  const known = mappings?.map(({ name }) => name) ?? null;
  const names = new Map<string, Set<string>>();
  return paths.flatMap((path) => {
    const mapping = basename(path).replace(/\.test\.ya?ml$/, '');
    const file = build.files.shown(path);
    if (known !== null && !known.includes(mapping)) {
      const message = `there is no mapping "${mapping}" for these tests`;
      const help = didYouMean(suggest(mapping, known), known);
      build.report(errorAt('ETL-TEST-001', startOf(file), message, { help }));
    }
    const root = readYaml(path, build.files, build.report);
    const read = root === null ? undefined : TESTS.read(root, rootPlace(root, basename(path)), build);
    const tests = (read?.items ?? []).flatMap((raw) => normaliseTest(raw, mapping) ?? []);
    const before = names.get(mapping) ?? new Set<string>();
    names.set(mapping, before);
    for (const { name } of tests) {
      if (before.has(name.value))
        build.report(errorAt('ETL-TEST-002', name.at, `two tests of "${mapping}" are named alike`));
      before.add(name.value);
    }
    return [{ file, mapping, tests }];
  });
}

function normaliseTest({ values }: RawTest, mapping: string): UnitTest | null {
  const { test, given, expect } = values;
  if (test === undefined || given === undefined || expect === undefined) return null;
  const { rows, references, lookups } = given.values;
  const { rejects, warnings, skipped, fails } = expect.values;
  return {
    name: test,
    mapping,
    given: { rows: rows ?? [], references: references ?? [], lookups: lookups ?? [] },
    expect: {
      rows: expect.values.rows ?? null,
      rejects: rejects ?? null,
      warnings: warnings ?? null,
      skipped: skipped ?? null,
      fails: fails?.value ?? null,
    },
  };
}
