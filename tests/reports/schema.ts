import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const SCHEMA = new URL('../../docs/schema/v1/report.schema.json', import.meta.url);

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
const validate = ajv.compile(strict(JSON.parse(readFileSync(SCHEMA, 'utf8')) as Json) as object);

/** What a report's JSON has against the published schema; empty where it keeps to it. */
export function schemaErrors(text: string): readonly string[] {
  if (validate(JSON.parse(text))) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath}: ${message ?? ''} ${JSON.stringify(params)}`,
  );
}
