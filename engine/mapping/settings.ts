import type { Connection, Project } from '../contract/mapping.js';
import type { Located, Position } from '../contract/problem.js';
import { checkRepeated } from './build.js';
import type { Build } from './build.js';
import { placeKey } from './environment.js';
import type { Substituted } from './environment.js';
import { normaliseLookups } from './lookups.js';
import type { Surroundings } from './mapping.js';
import { errorAt, located } from './report.js';
import type { RawCopy, RawEtl } from './spec/etl.js';
import { normaliseHooks } from './spec/hooks.js';

/** The version of the language that this engine speaks. */
const VERSION = 1;

/**
 * What a command asks of etl.yaml: the `connections`; what `embedded` builds, so that they may be missing; or,
 * where no database is asked, one of the two.
 */
export type Needs = 'connections' | 'embedded' | 'nothing';

/** etl.yaml in normal form. */
export interface Settings
  extends Surroundings, Omit<Project, 'folder' | 'phases' | 'mappings' | 'exceptions'> {
  readonly plugins: readonly Located<string>[];
  readonly copies: readonly RawCopy[];
  /** False where `copy` could not be read, so that there are mappings of unknown names. */
  readonly copiesComplete: boolean;
  /** Null where `connections` cannot be read. */
  readonly connectionNames: ReadonlySet<string> | null;
}

/** What holds where etl.yaml says nothing, or cannot be read; `at` stands for its place. */
export function defaultSettings(at: Position): Settings {
  return {
    name: '',
    connections: new Map(),
    embedded: null,
    phases: null,
    batchRows: 10_000,
    stateSchema: 'etl',
    hooks: { before: [], after: [] },
    defaults: {
      maxRejects: { unit: 'percent', percent: 1 },
      stopAt: { unit: 'percent', percent: 10 },
      triggers: located('keep', at),
      constraints: located('auto', at),
    },
    lookups: { byName: new Map(), complete: false },
    plugins: [],
    copies: [],
    copiesComplete: false,
    connectionNames: null,
  };
}

export function normaliseSettings(
  raw: RawEtl,
  variables: Pick<Substituted, 'origins' | 'missing'>,
  needs: Needs,
  build: Build,
): Settings {
  const { values, owner } = raw;
  const base = defaultSettings(owner);
  checkVersion(raw, build);
  const phases = values.phases?.items ?? [];
  checkRepeated(phases, build);
  const connections = normaliseConnections(raw, variables, needs, build);
  if (needs === 'embedded') checkEmbedded(raw, build);
  const replaced = needs === 'embedded' || (needs === 'nothing' && raw.keyAt.has('embedded'));
  for (const name of ['source', 'target']) {
    if (connections.has(name)) continue;
    if (replaced) connections.set(name, embeddedConnection(name, owner));
    else missingConnection(name, raw, build);
  }
  const unread = raw.keyAt.has('connections') && values.connections === undefined;
  const connectionNames = unread ? null : new Set([...connections.keys(), 'source', 'target']);
  return {
    name: values.project?.value ?? '',
    connections,
    embedded: normaliseEmbedded(raw, build),
    phases: raw.keyAt.has('phases') && values.phases?.complete !== true ? null : phases,
    batchRows: values.defaults?.values.batch_rows ?? base.batchRows,
    stateSchema: values.state?.values.schema?.value ?? base.stateSchema,
    hooks: normaliseHooks(values.hooks),
    defaults: {
      maxRejects: values.defaults?.values.max_rejects ?? base.defaults.maxRejects,
      stopAt: values.defaults?.values.stop_at ?? base.defaults.stopAt,
      triggers: values.defaults?.values.triggers ?? base.defaults.triggers,
      constraints: values.defaults?.values.constraints ?? base.defaults.constraints,
    },
    lookups: normaliseLookups(raw, { ...build, connections: connectionNames }),
    plugins: values.plugins?.items ?? [],
    copies: values.copy?.items ?? [],
    copiesComplete: values.copy?.complete ?? !raw.keyAt.has('copy'),
    connectionNames,
  };
}

function checkVersion({ values, keyAt, owner }: RawEtl, { report }: Build): void {
  if (values.version === undefined || values.version === VERSION) return;
  const message = `version ${String(values.version)} of the language is not known; this engine speaks ${String(VERSION)}`;
  report(errorAt('ETL-LANG-010', keyAt.get('version') ?? owner, message, { help: 'write version: 1' }));
}

function normaliseConnections(
  raw: RawEtl,
  { origins, missing }: Pick<Substituted, 'origins' | 'missing'>,
  needs: Needs,
  build: Build,
): Map<string, Connection> {
  const connections = (raw.values.connections ?? []).map(({ entry, value }): [string, Connection] => {
    const { url, ssl, ca, search_path: searchPath, ...password } = value?.values ?? {};
    const place = url === undefined ? '' : placeKey(url.at);
    const connection = {
      name: entry.key,
      url: url === undefined || missing.has(place) ? '' : url.value,
      ...passwordSource(password, needs, build),
      ssl: ssl?.value ?? null,
      ca: ca === undefined || needs !== 'connections' ? null : build.files.anywhere(ca, build.report),
      searchPath: (searchPath?.items ?? []).map((schema) => schema.value),
      origin: missing.has(place) ? '--embedded' : (origins.get(place) ?? 'etl.yaml'),
      at: entry.keyAt,
    };
    return [entry.key, connection];
  });
  return new Map(connections);
}

type RawConnection = NonNullable<NonNullable<RawEtl['values']['connections']>[number]['value']>['values'];

function passwordSource(
  { password_file: file, password_command: command }: RawConnection,
  needs: Needs,
  { files, report }: Build,
): Pick<Connection, 'password'> {
  if (file !== undefined && command !== undefined) {
    const message = 'password_file and password_command both give the password';
    report(errorAt('ETL-LANG-005', command.at, message, { help: 'take one of them away' }));
  }
  if (command !== undefined)
    return { password: { kind: 'command', command: command.command, folder: files.folder } };
  if (file === undefined || needs !== 'connections') return {};
  return { password: { kind: 'file', path: files.anywhere(file, report) } };
}

function embeddedConnection(name: string, at: Position): Connection {
  return { name, url: '', isOwn: true, ssl: null, ca: null, searchPath: [], origin: '--embedded', at };
}

function missingConnection(name: string, { keyAt, values, owner }: RawEtl, { report }: Build): void {
  if (keyAt.has('connections') && values.connections === undefined) return;
  const at = keyAt.get('connections') ?? owner;
  const message = `etl.yaml needs the connection "${name}"`;
  const help = `connections: { ${name}: { url: "\${${name.toUpperCase()}_DATABASE_URL}" } }`;
  report(errorAt('ETL-LANG-002', at, message, { label: `"${name}" is missing`, help }));
}

function checkEmbedded({ keyAt, owner }: RawEtl, { report }: Build): void {
  if (keyAt.has('embedded')) return;
  const message = '--embedded needs the key "embedded" in etl.yaml';
  const help = 'embedded: { source: [schema/source.sql], target: [schema/target.sql] }';
  report(errorAt('ETL-LANG-002', owner, message, { label: '"embedded" is missing', help }));
}

function normaliseEmbedded({ values }: RawEtl, build: Build): Project['embedded'] {
  if (values.embedded === undefined) return null;
  const { source, target, settings } = values.embedded.values;
  const files = (paths: readonly Located<string>[] | undefined) =>
    (paths ?? []).flatMap((path) => build.files.find(path, false, build.report) ?? []);
  const pairs = (settings ?? []).map(({ entry, value }) => [entry.key, value?.value.text ?? ''] as const);
  return { source: files(source), target: files(target), settings: new Map(pairs) };
}
