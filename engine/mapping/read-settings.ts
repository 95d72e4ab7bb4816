import { join } from 'node:path';
import type { Build } from './build.js';
import { substitute } from './environment.js';
import { readYaml, rootPlace, startOf } from './read-yaml.js';
import { defaultSettings, normaliseSettings } from './settings.js';
import type { Needs, Settings } from './settings.js';
import { ETL } from './spec/etl.js';

/** etl.yaml with the variables of `env` and of the `.env` beside it; defaults where it cannot be read. */
export async function readSettings(
  options: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly embedded: boolean;
    readonly offline?: boolean;
  },
  build: Build,
): Promise<Settings> {
  const { files, report } = build;
  const path = join(files.folder, 'etl.yaml');
  const start = startOf(files.shown(path));
  const root = readYaml(path, files, (problem) => {
    const missing = problem.code === 'ETL-FILE-002';
    const message = `${start.file}: ${problem.message}`;
    const help = 'name the folder that holds etl.yaml, or write one: version: 1, project, connections';
    report(missing ? { code: 'ETL-LANG-009', severity: 'error', message, help } : problem);
  });
  if (root === null) return defaultSettings(start);
  const needs: Needs = options.offline === true ? 'nothing' : options.embedded ? 'embedded' : 'connections';
  const dotenv = files.dotenv();
  const environment = {
    variables: options.env,
    // Loaded for those alone who have such a file: it takes as long as a dozen mappings.
    dotenv: dotenv === null ? {} : (await import('dotenv')).parse(dotenv),
    lenientConnections: needs !== 'connections',
  };
  const substituted = substitute(root, environment, report);
  const raw = ETL.read(substituted.root, rootPlace(root, 'etl.yaml'), build);
  if (raw === undefined) return defaultSettings(start);
  return normaliseSettings(raw, substituted, needs, build);
}
