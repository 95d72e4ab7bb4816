import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** As published, but keys that it does not name are refused: so that it cannot fall behind the report. */
function strict(schema: Json): Json {
  if (schema === null || typeof schema !== 'object') return schema;
  if (isList(schema)) return schema.map(strict);
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  return 'properties' in inner ? { additionalProperties: false, ...inner } : inner;
}

const isList = (json: Json): json is readonly Json[] => Array.isArray(json);

const ajv = new Ajv2020({ allErrors: true, formats: { date: true, 'date-time': true } });
const validators = new Map(
  ['report', 'diff'].map((name) => {
    const file = new URL(`../../docs/schema/v1/${name}.schema.json`, import.meta.url);
    return [name, ajv.compile(strict(JSON.parse(readFileSync(file, 'utf8')) as Json) as object)];
  }),
);

/** What a document's JSON has against its published schema; empty where it keeps to it. */
export function schemaErrors(text: string, name: 'report' | 'diff' = 'report'): readonly string[] {
  const validate = validators.get(name);
  if (validate === undefined) throw new Error(`no schema ${name}`);
  if (validate(JSON.parse(text))) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath}: ${message ?? ''} ${JSON.stringify(params)}`,
  );
}
