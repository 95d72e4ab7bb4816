import type { PgType } from '../contract/catalogue.js';
import type { Session } from '../contract/session.js';
import type { TestValue } from '../contract/unit-test.js';
import { quoteText } from '../postgres/identifier.js';

/** A value of a test and the type of its column. */
export interface TypedValue {
  readonly value: TestValue;
  readonly type: PgType;
}

/** The text that PostgreSQL reads a value by; null for null, undefined where the type takes no list or map. */
function inputText({ value, type }: TypedValue): string | null | undefined {
  if (value.items === null && value.entries === null) return value.text;
  if (type.base === 'json') return value.json;
  return value.items !== null && type.kind === 'array' ? arrayText(value.items) : undefined;
}

function arrayText(items: readonly TestValue[]): string {
  const texts = items.map((item) => {
    if (item.items !== null) return arrayText(item.items);
    if (item.entries !== null) return quoted(item.json);
    return item.text === null ? 'NULL' : quoted(item.text);
  });
  return `{${texts.join(',')}}`;
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** A value as SQL of its type. */
export function literal(typed: TypedValue): string {
  const text = inputText(typed) ?? null;
  return `${text === null ? 'null' : quoteText(text)}::${typed.type.display}`;
}

/**
 * The form of an expression's value in which equal values are equal texts: numbers without zeros at their end, JSON
 * as jsonb writes it.
 */
export function comparableSql(sql: string, { base, kind }: PgType): string {
  if (kind === 'array') return `(${sql})::text`;
  if (base === 'numeric') return `trim_scale((${sql})::numeric)::text`;
  return base === 'json' ? `(${sql})::jsonb::text` : `(${sql})::text`;
}

/** What the database says against each value; null where it takes it. One question for all of them. */
export async function complaints(
  session: Session,
  typed: readonly TypedValue[],
): Promise<readonly (string | null)[]> {
  const asked = typed.map((one, n) => ({ n, v: inputText(one), t: one.type.display }));
  const { rows } = await session.query(
    `select n, (pg_input_error_info(v, t)).message from json_to_recordset($1) as r(n int, v text, t text)
     where v is not null and not pg_input_is_valid(v, t)`,
    [JSON.stringify(asked)],
  );
  const said = new Map(rows.map(([n, message]) => [Number(n), message ?? 'it is not valid']));
  return asked.map(({ n, v }) =>
    v === undefined ? 'it takes neither a list nor a map' : (said.get(n) ?? null),
  );
}

/** The comparable texts of values that were found valid. One question for all of them. */
export async function comparableTexts(
  session: Session,
  typed: readonly TypedValue[],
): Promise<readonly (string | null)[]> {
  if (typed.length === 0) return [];
  const list = typed.map((one, n) => `(${String(n)}, ${comparableSql(literal(one), one.type)})`);
  const { rows } = await session.query(`select v from (values ${list.join(', ')}) as r(n, v) order by n`);
  return rows.map(([text]) => text ?? null);
}
