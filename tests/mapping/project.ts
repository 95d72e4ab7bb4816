import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RuleDefinition } from '../../engine/contract/rule.js';
import { ArgumentError } from '../../engine/contract/step.js';
import type { StepDefinition } from '../../engine/contract/step.js';
import { loadProject } from '../../engine/mapping/index.js';
import type { LoadedProject, LoadOptions } from '../../engine/mapping/index.js';

/** Files of a project: path → text. */
export type Files = Readonly<Record<string, string>>;

export const STEPS: readonly StepDefinition[] = [
  {
    name: 'trim',
    summary: 'Cuts white space at both ends.',
    argument: null,
    output: 'text',
    examples: [],
    kind: 'value',
    make: () => (value) => value.trim(),
  },
  {
    name: 'truncate',
    summary: 'Keeps the first characters.',
    argument: { type: 'integer', minimum: 1 },
    output: 'text',
    examples: [{ argument: 200, given: 'a', gives: 'a' }],
    kind: 'value',
    make: (argument) => (value) => value.slice(0, Number(argument)),
  },
  {
    name: 'join',
    summary: 'Joins several values.',
    argument: { type: 'string' },
    output: 'text',
    examples: [],
    kind: 'several',
    make: () => (values) => values.filter((value) => value !== null).join(' '),
  },
  {
    name: 'number',
    summary: 'Reads a number.',
    argument: {
      type: 'object',
      properties: { decimal: { enum: ['.', ','] }, group: { type: 'string' } },
      additionalProperties: false,
    },
    argumentOptional: true,
    output: 'numeric',
    examples: [],
    kind: 'value',
    make: () => (value) => value,
  },
  {
    name: 'null_if',
    summary: 'Makes values null.',
    argument: {
      oneOf: [
        { type: ['string', 'number', 'boolean'] },
        { type: 'array', items: { type: ['string', 'number', 'boolean'] }, minItems: 1 },
      ],
    },
    output: 'same',
    examples: [],
    kind: 'value',
    make: () => (value) => value,
  },
  {
    name: 'replace',
    summary: 'Replaces text.',
    argument: {
      type: 'object',
      properties: { from: { type: 'string', minLength: 1 }, to: { type: 'string' } },
      required: ['from', 'to'],
    },
    output: 'text',
    examples: [],
    kind: 'value',
    make: () => (value) => value,
  },
  {
    name: 'timezone',
    summary: 'Reads a local time.',
    argument: { type: 'string' },
    output: 'timestamptz',
    examples: [],
    kind: 'value',
    make: (argument) => {
      if (argument === 'Mars/Base') throw new ArgumentError('"Mars/Base" is no time zone');
      return (value) => value;
    },
  },
];

export const RULES: readonly RuleDefinition[] = [
  {
    name: 'not_null',
    summary: 'The columns are not null.',
    argument: { type: 'array', items: { type: 'string' }, minItems: 1 },
    columns: (argument) => (Array.isArray(argument) ? argument.map(String) : []),
    make: () => () => null,
  },
  {
    name: 'range',
    summary: 'The column lies between two bounds.',
    argument: {
      type: 'object',
      properties: {
        column: { type: 'string' },
        min: { type: ['number', 'string'] },
        max: { type: ['number', 'string'] },
      },
      required: ['column'],
      additionalProperties: false,
    },
    columns: (argument) => {
      const column =
        typeof argument === 'object' && argument !== null && 'column' in argument ? argument : null;
      return typeof column?.['column'] === 'string' ? [column['column']] : [];
    },
    make: () => () => null,
  },
];

export const byName = <T extends { readonly name: string }>(definitions: readonly T[]) =>
  new Map(definitions.map((definition) => [definition.name, definition]));

/** A project of two mappings without a problem; tests change one of its files. */
export const BASE: Files = {
  'etl.yaml': [
    'version: 1',
    'project: clinic',
    'connections:',
    '  source: { url: "postgres://reader@old/clinic" }',
    '  target: { url: "postgres://loader@new/clinic" }',
    '',
  ].join('\n'),
  'patients.yaml': [
    'source: { table: patient, key: id }',
    'target: { table: patients, key: legacy_id, identity: id }',
    'columns: { legacy_id: id }',
    '',
  ].join('\n'),
};

/** Writes the files into a folder `mappings` of a new temporary folder, whose path it gives. */
export function write(files: Files): string {
  const cwd = mkdtempSync(join(tmpdir(), 'crosswalk-mapping-'));
  mkdirSync(join(cwd, 'mappings'));
  for (const [path, text] of Object.entries(files)) {
    const absolute = join(cwd, 'mappings', path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, text);
  }
  return cwd;
}

export function load(files: Files, options: Partial<LoadOptions> = {}): Promise<LoadedProject> {
  const defaults = { steps: byName(STEPS), rules: byName(RULES), env: {}, embedded: false };
  return loadProject('mappings', { ...defaults, cwd: options.cwd ?? write(files), ...options });
}
