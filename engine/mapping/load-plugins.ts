import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Located } from '../contract/problem.js';
import type { RuleDefinition } from '../contract/rule.js';
import type { ArgumentMistake, StepDefinition } from '../contract/step.js';
import type { Json } from '../contract/value.js';
import type { Build } from './build.js';
import {
  messageOf,
  pluginRule,
  PluginMistake,
  pluginStep,
  type PluginPart,
  type SchemaCompiler,
} from './plugin.js';
import { errorAt, located } from './report.js';

/** Every step and rule that a project's mappings may name. */
export interface Registries {
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly rules: ReadonlyMap<string, RuleDefinition>;
}

/** What came of a project's modules. */
export interface Plugins {
  readonly registries: Registries;
  /** Digest of a module's text, and of what it imports → its absolute path. */
  readonly modules: ReadonlyMap<string, string>;
  /** The paths of those that were not run. */
  readonly unrun: readonly string[];
  /** Of the texts of all that were not run; null where all were. */
  readonly digest: string | null;
}

type Loading = Pick<Build, 'files' | 'report' | 'steps' | 'rules'>;

/** `sql` is decided by the source and stands in no registry; the others stand beside a rule. */
const TAKEN_RULES = ['sql', 'severity', 'name'];

/**
 * The engine's own steps and rules with those of the project's modules. A module is code: reading it runs it. What is
 * wrong with one is a problem at its path in etl.yaml.
 * @param vetted see `LoadOptions.vetted`
 */
export async function loadPlugins(
  paths: readonly Located<string>[],
  loading: Loading,
  vetted: ReadonlyMap<string, string> | null,
): Promise<Plugins> {
  const registries = { steps: new Map(loading.steps), rules: new Map(loading.rules) };
  const modules = new Map<string, string>();
  const unrun: { readonly path: string; readonly version: string }[] = [];
  const compile = paths.length === 0 ? null : await schemaCompiler();
  for (const path of paths) {
    const found = findModule(path, loading);
    if (found === null || compile === null) continue;
    modules.set(found.version, found.absolute);
    const from = vetted === null ? found.absolute : vetted.get(found.version);
    if (from === undefined) {
      unrun.push({ path: path.value, version: found.version });
      continue;
    }
    const module = await importModule(path, { ...found, absolute: from }, loading);
    if (module !== null) register(module, { path, version: found.version, compile, loading, ...registries });
  }
  const told = unrun.map(({ path }) => path);
  return {
    registries,
    modules,
    unrun: told,
    digest: told.length === 0 ? null : digest(unrun.map((one) => one.version)),
  };
}

/** Takes in what a module exports. */
function register(
  module: Module,
  {
    path,
    version,
    compile,
    loading,
    steps,
    rules,
  }: {
    readonly path: Located<string>;
    readonly version: string;
    readonly compile: SchemaCompiler;
    readonly loading: Loading;
    readonly steps: Map<string, StepDefinition>;
    readonly rules: Map<string, RuleDefinition>;
  },
): void {
  const declare = (make: () => void): void => {
    try {
      make();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      loading.report(errorAt('ETL-PLUG-002', path.at, `${path.value}: ${error.message}`));
    }
  };
  const add = <T>(into: Map<string, T>, name: string, { definition, wrong }: PluginPart<T>): void => {
    into.set(name, definition);
    for (const one of wrong) loading.report(errorAt('ETL-PLUG-004', path.at, `${path.value}: ${one}`));
  };
  const free = (kind: string, name: string, has: boolean): boolean => {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      throw new PluginMistake(`the ${kind} "${name}" must be named in lower case: letters, digits, _`);
    }
    if (has) {
      const message = `${path.value}: there is a ${kind} "${name}" already`;
      loading.report(errorAt('ETL-PLUG-003', path.at, message, { help: 'give it another name' }));
    }
    return !has;
  };
  if (module.steps === undefined && module.rules === undefined) {
    const message = `${path.value} exports neither steps nor rules`;
    loading.report(errorAt('ETL-PLUG-002', path.at, message, { help: 'export const steps = { … }' }));
  }
  for (const [name, declared] of entriesOf(module.steps)) {
    declare(() => {
      if (!free('step', name, steps.has(name))) return;
      add(steps, name, pluginStep(name, declared, compile, version));
    });
  }
  for (const [name, declared] of entriesOf(module.rules)) {
    declare(() => {
      if (!free('rule', name, rules.has(name) || TAKEN_RULES.includes(name))) return;
      add(rules, name, pluginRule(name, declared, compile, version));
    });
  }
}

const entriesOf = (declared: unknown): readonly (readonly [string, unknown])[] =>
  typeof declared === 'object' && declared !== null ? Object.entries(declared) : [];

interface Module {
  readonly steps?: unknown;
  readonly rules?: unknown;
}

/** A module's file and the digest of its text. */
interface FoundModule {
  readonly absolute: string;
  readonly version: string;
}

function findModule(path: Located<string>, { files, report }: Loading): FoundModule | null {
  const absolute = files.find(path, true, report);
  if (absolute === null) return null;
  if (!/\.m?js$/.test(absolute)) {
    const help = 'a plugin is an ES module: .js or .mjs';
    report(errorAt('ETL-PLUG-001', path.at, `${path.value} is no JavaScript module`, { help }));
    return null;
  }
  return { absolute, version: digest(moduleTexts(absolute, path, files)) };
}

async function importModule(
  path: Located<string>,
  { absolute, version }: FoundModule,
  { files, report }: Loading,
): Promise<Module | null> {
  try {
    // The digest keeps a process that lives long from taking what it has imported before.
    return (await import(`${pathToFileURL(absolute).href}?${version}`)) as Module;
  } catch (error) {
    const message = `${path.value} cannot be loaded: ${messageOf(error)}`;
    report(errorAt('ETL-PLUG-001', path.at, message, { help: `try: node ${files.shown(absolute)}` }));
    return null;
  }
}

/** A module's text and those of the files of the project that it imports by a relative path, each once. */
function moduleTexts(absolute: string, { at }: Located<string>, files: Build['files']): readonly string[] {
  const texts = new Map<string, string>();
  const add = (file: string): void => {
    const text = texts.has(file) ? null : files.text(located(file, at), () => undefined)?.text;
    if (text === undefined || text === null) return;
    texts.set(file, text);
    for (const [, to = ''] of text.matchAll(/(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g)) {
      add(resolve(dirname(file), to));
    }
  };
  add(absolute);
  return [...texts.values()];
}

const digest = (texts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex');

/** ajv is loaded for projects that have plugins alone. */
async function schemaCompiler(): Promise<SchemaCompiler> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  return (schema) => {
    const validate = ajv.compile(schema as object | boolean);
    return (argument: Json): readonly ArgumentMistake[] => {
      if (validate(argument)) return [];
      return (validate.errors ?? []).map(({ instancePath, message = 'is wrong', params }) => ({
        path: instancePath
          .split('/')
          .slice(1)
          .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')),
        message:
          'additionalProperty' in params ? `${message}: "${String(params['additionalProperty'])}"` : message,
      }));
    };
  };
}
