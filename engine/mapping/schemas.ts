import type { Json } from '../contract/value.js';
import { jsonSchema } from './json-schema.js';
import type { SchemaParts } from './json-schema.js';
import type { Shape } from './shape.js';
import { ETL } from './spec/etl.js';
import { EXCEPTIONS } from './spec/exceptions.js';
import { MAPPING } from './spec/mapping.js';
import { TESTS } from './spec/test.js';

/** The kinds of files of the language, version 1. */
const FILES: Readonly<
  Record<string, { readonly shape: Shape; readonly title: string; readonly variables: boolean }>
> = {
  mapping: { shape: MAPPING.shape, title: 'A mapping of Crosswalk', variables: false },
  test: { shape: TESTS.shape, title: 'Unit tests of a mapping of Crosswalk', variables: false },
  project: { shape: ETL.shape, title: 'etl.yaml of Crosswalk', variables: true },
  exceptions: { shape: EXCEPTIONS.shape, title: 'exceptions.yaml of Crosswalk', variables: false },
};

export const SCHEMA_NAMES: readonly string[] = Object.keys(FILES);

/** The JSON Schema of one kind of files; undefined for a name that is none of {@link SCHEMA_NAMES}. */
export function schemaOf(name: string, registries: Pick<SchemaParts, 'steps' | 'rules'>): Json | undefined {
  const file = FILES[name];
  if (file === undefined) return undefined;
  const { shape, title, variables } = file;
  return jsonSchema(shape, title, `urn:crosswalk:1:${name}`, { ...registries, variables });
}
