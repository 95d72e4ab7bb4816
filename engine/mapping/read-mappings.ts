import { basename, join } from 'node:path';
import type { Mapping } from '../contract/mapping.js';
import type { Position, Problem } from '../contract/problem.js';
import type { Build } from './build.js';
import { normaliseMapping, plainCopy } from './mapping.js';
import { readYaml, rootPlace, startOf } from './read-yaml.js';
import { checkReferences } from './references.js';
import { errorAt } from './report.js';
import type { Report } from './report.js';
import type { Settings } from './settings.js';
import { MAPPING } from './spec/mapping.js';

/**
 * All mappings that can be read, by name: files and plain copies; checks what they say of each other.
 * `problems` holds those of all files so far.
 */
export function readMappings(
  paths: readonly string[],
  settings: Settings,
  build: Build,
  problems: readonly Problem[],
): ReadonlyMap<string, Mapping> {
  const found = [
    ...paths.map((path) => readMapping(path, settings, build)),
    ...settings.copies.map((copy) => ({
      name: copy.table.value,
      at: copy.table.at,
      mapping: plainCopy(copy, settings, build),
    })),
  ];
  const { mappings, names } = byName(found, build.report);
  const known = {
    mappings,
    names,
    complete: settings.copiesComplete,
    phases: settings.phases?.map((phase) => phase.value) ?? null,
    faulty: new Set(problems.flatMap((problem) => problem.at?.file ?? [])),
    steps: build.steps,
  };
  checkReferences(known, build.report);
  return mappings;
}

/** A mapping with its name and place; null where it cannot be read, which has been reported. */
interface Found {
  readonly name: string;
  readonly at: Position;
  readonly mapping: Mapping | null;
}

function readMapping(path: string, settings: Settings, build: Build): Found {
  const name = basename(path).replace(/\.ya?ml$/, '');
  const root = readYaml(path, build.files, build.report);
  if (root === null) return { name, at: startOf(build.files.shown(path)), mapping: null };
  const place = rootPlace(root, basename(path));
  const raw = MAPPING.read(root, place, build);
  const mapping = raw === undefined ? null : normaliseMapping(raw, name, settings, build);
  return { name, at: place.at, mapping };
}

/** Of two mappings of one name the first counts. */
function byName(
  found: readonly Found[],
  report: Report,
): { mappings: Map<string, Mapping>; names: Set<string> } {
  const places = new Map<string, Position>();
  const mappings = new Map<string, Mapping>();
  for (const { name, at, mapping } of found) {
    const first = places.get(name);
    if (first !== undefined) {
      reportSecond(name, at, first, report);
    } else {
      places.set(name, at);
      if (mapping !== null) mappings.set(name, mapping);
    }
  }
  return { mappings, names: new Set(places.keys()) };
}

function reportSecond(name: string, at: Position, first: Position, report: Report): void {
  const message = `two mappings have the name "${name}"`;
  const label = `the other is ${first.file}:${String(first.line)}`;
  const help = 'a mapping is named after its file, a copy after its table: rename one';
  report(errorAt('ETL-LANG-008', at, message, { label, help }));
}

/** That a project has nothing to load. */
export function reportNone({ files, report }: Build): void {
  const at = startOf(files.shown(join(files.folder, 'etl.yaml')));
  const help = 'write a mapping file beside etl.yaml, or name tables under copy';
  report(errorAt('ETL-LANG-018', at, 'the project has no mapping', { help }));
}
