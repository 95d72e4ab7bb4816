import type { PgType, TableColumn } from '../contract/catalogue.js';
import type { Check } from '../contract/compiled.js';
import type { BaseType } from '../contract/value.js';

/**
 * How a value of one type comes into a column of another, so that its meaning stays:
 * `bytes` as PostgreSQL printed it, `value` by way of the row program, `cast` by the source itself,
 * `demand` not at all until the mapping says how.
 */
export type Assignment =
  | { readonly how: 'bytes' | 'value'; readonly checks: readonly Check[] }
  | { readonly how: 'cast'; readonly to: string; readonly checks: readonly Check[] }
  | { readonly how: 'demand'; readonly help: string };

const INTEGERS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int2: [-32768n, 32767n],
  int4: [-2147483648n, 2147483647n],
  int8: [-9223372036854775808n, 9223372036854775807n],
  oid: [0n, 4294967295n],
};

/** What a domain stands on in the end; a domain may stand on another one. */
const plain = (type: PgType): PgType => (type.domainOf === null ? type : plain(type.domainOf));

/** Characters that a varchar(n) or char(n) holds; null where there is no limit. */
const limit = (type: PgType): number | null =>
  (type.name === 'varchar' || type.name === 'bpchar') && type.modifier >= 4 ? type.modifier - 4 : null;

interface Digits {
  readonly precision: number;
  readonly scale: number;
}

/** Precision and scale of a numeric(p,s); the scale is an 11-bit two's complement since PostgreSQL 15. */
const digits = ({ modifier }: PgType): Digits | null =>
  modifier < 4 ? null : { precision: (modifier - 4) >> 16, scale: (((modifier - 4) & 0x7ff) ^ 1024) - 1024 };

const holds = (wide: Digits, narrow: Digits | null): boolean =>
  narrow !== null &&
  narrow.scale <= wide.scale &&
  narrow.precision - narrow.scale <= wide.precision - wide.scale;

const TIMES: ReadonlySet<string> = new Set(['time', 'timetz', 'timestamp', 'timestamptz']);

/** Whether `to`, or each element of it, could round away digits of a value of type `from` without a word. */
function rounds(from: PgType, to: PgType): boolean {
  if (to.modifier < 0 || from.modifier === to.modifier) return false;
  const element = to.name.replace(/^_/, '');
  // The modifier of a time is its digits behind the second, 6 at the most.
  if (TIMES.has(element)) return to.modifier < 6 && (from.modifier < 0 || from.modifier > to.modifier);
  if (element === 'interval') return true;
  const wide = element === 'numeric' && to.kind === 'array' ? digits(to) : null;
  return wide !== null && !holds(wide, digits(from));
}

/** Everything that the catalogue says of a column's type and that can be decided without the database. */
export function checksOf(column: TableColumn): readonly Check[] {
  const type = plain(column.type);
  const range = INTEGERS[type.name];
  const max = limit(type);
  const exact = type.name === 'numeric' ? digits(type) : null;
  if (type.kind === 'enum') return [{ kind: 'labels', labels: type.labels }];
  if (range !== undefined) return [{ kind: 'integer', min: range[0], max: range[1] }];
  if (max !== null) return [{ kind: 'length', max, exact: false, padded: type.name === 'bpchar' }];
  if (exact !== null) return [{ kind: 'digits', ...exact }];
  if (type.base === 'numeric' || type.base === 'float') return [{ kind: 'number' }];
  if (type.base === 'uuid') return [{ kind: 'uuid' }];
  if (type.base === 'boolean') return [{ kind: 'boolean' }];
  if (type.name === 'bit' && type.modifier > 0) {
    return [{ kind: 'length', max: type.modifier, exact: true, padded: false }];
  }
  return [];
}

const EXPLICIT = "write the conversion in the source's SQL, with sql:";
const ROUNDED = "it holds fewer digits: write the rounding in the source's SQL, with sql:";

const pass: Assignment = { how: 'bytes', checks: [] };
const demand = (help: string): Assignment => ({ how: 'demand', help });

function sameType(from: PgType, to: PgType, column: TableColumn): Assignment | null {
  if (from.name !== to.name || from.kind !== to.kind) return null;
  const wider = to.modifier === -1 || from.modifier === to.modifier;
  if (from.kind === 'enum') {
    return from.labels.every((label) => to.labels.includes(label))
      ? pass
      : { how: 'bytes', checks: checksOf(column) };
  }
  if (wider) return pass;
  if (rounds(from, to)) return demand(ROUNDED);
  const [ours, theirs] = [limit(from), limit(to)];
  if (ours !== null && theirs !== null && ours <= theirs && from.name === 'varchar') return pass;
  const wide = to.name === 'numeric' ? digits(to) : null;
  return wide !== null && holds(wide, digits(from)) ? pass : { how: 'bytes', checks: checksOf(column) };
}

const TIMEZONE = 'it has no zone: say in which zone it is meant with the step timezone';
const AT_ZONE = `a zone is taken away: say which with sql: "… at time zone 'UTC'"`;

/** Types that cut a longer text without a word. */
const CUTTING: ReadonlySet<string> = new Set(['name', 'char']);
/** `7` is seven seconds or seven months, `1,5` an amount or another one: it depends on the column and the server. */
const AMBIGUOUS: ReadonlySet<string> = new Set(['interval', 'money']);

type Rule = (from: PgType, to: PgType, column: TableColumn) => Assignment;
const checked: Rule = (_from, _to, column) => ({ how: 'bytes', checks: checksOf(column) });
const byValue: Rule = (_from, _to, column) => ({ how: 'value', checks: checksOf(column) });
const castTo =
  (to: string): Rule =>
  (_from, _to, column) => ({ how: 'cast', to, checks: checksOf(column) });
const needs =
  (help: string): Rule =>
  () =>
    demand(help);

const intToInt: Rule = (from, to, column) => {
  const [a, b] = [INTEGERS[from.name], INTEGERS[to.name]];
  const fits = a !== undefined && b !== undefined && a[0] >= b[0] && a[1] <= b[1];
  return { how: 'bytes', checks: fits ? [] : checksOf(column) };
};
const toText: Rule = (from, to, column) =>
  from.name === 'bpchar' && to.name !== 'bpchar'
    ? { how: 'cast', to: 'text', checks: checksOf(column) }
    : { how: 'bytes', checks: checksOf(column) };
/** By way of the column's own type: float8 first and float4 then would round twice. */
const toFloat: Rule = (from, to, column) =>
  from.name === 'oid'
    ? { how: 'bytes', checks: checksOf(column) }
    : { how: 'cast', to: to.name, checks: checksOf(column) };
const floatToFloat: Rule = (from) =>
  from.name === 'float4' ? { how: 'cast', to: 'float8', checks: [] } : demand(EXPLICIT);
/** What the column's own input reads; not where the same text could mean several things or be rounded. */
const textToOther: Rule = (from, to, column) =>
  AMBIGUOUS.has(to.name.replace(/^_/, '')) || rounds({ ...to, modifier: -1 }, to)
    ? demand(EXPLICIT)
    : checked(from, to, column);

/** From each type of value to each other; what is not named is demanded from the mapping. */
const MATRIX: Readonly<Partial<Record<BaseType, Readonly<Partial<Record<BaseType, Rule>>>>>> = {
  text: {
    text: toText,
    integer: byValue,
    numeric: checked,
    float: checked,
    uuid: checked,
    other: textToOther,
    boolean: needs('say which words are true and false with the step boolean'),
    date: needs('say how it is written with the step parse_date'),
    time: needs(EXPLICIT),
    timestamp: needs('say how it is written with the step parse_date'),
    timestamptz: needs('say how it is written and in which zone with the steps parse_date and timezone'),
    json: needs('use the step json_parse where it holds JSON'),
    bytea: needs("say how it is encoded with sql: decode(…, 'base64'), say"),
  },
  integer: {
    text: checked,
    integer: intToInt,
    numeric: checked,
    float: toFloat,
    json: checked,
    boolean: needs('say which numbers are true and false with the step boolean'),
    timestamptz: needs('use the step epoch where it counts seconds or milliseconds'),
    timestamp: needs('use the step epoch where it counts seconds or milliseconds'),
  },
  numeric: { text: checked, integer: byValue, numeric: checked, float: toFloat, json: checked },
  float: { text: checked, integer: byValue, numeric: checked, float: floatToFloat },
  boolean: { boolean: () => pass, text: castTo('text'), integer: castTo('int4') },
  date: { date: () => pass, timestamp: () => pass, text: castTo('text'), timestamptz: needs(TIMEZONE) },
  time: { text: castTo('text') },
  timestamp: {
    timestamp: () => pass,
    text: castTo('text'),
    timestamptz: needs(TIMEZONE),
    date: needs('its time is cut off: write sql: "…::date" where that is meant'),
  },
  timestamptz: {
    timestamptz: () => pass,
    text: castTo('text'),
    timestamp: needs(AT_ZONE),
    date: needs(AT_ZONE),
  },
  json: { json: () => pass, text: castTo('text') },
  uuid: { uuid: () => pass, text: checked },
  bytea: { bytea: () => pass },
};

const LARGE_OBJECT =
  "a large object's number means nothing in another database: bring its bytes into a bytea column, with sql: lo_get(…)";

/** How a field of type `from` comes into `column`. */
export function assign(from: PgType, column: TableColumn): Assignment {
  if (column.type.kind === 'domain' && column.type.name === 'lo') return demand(LARGE_OBJECT);
  const [a, b] = [plain(from), plain(column.type)];
  const same = sameType(a, b, column);
  if (same !== null) return same;
  if (CUTTING.has(b.name)) return demand(EXPLICIT);
  if (a.kind === 'enum' && (b.kind === 'enum' || b.base === 'text')) {
    return { how: 'bytes', checks: checksOf(column) };
  }
  if (b.base === 'text' && a.base === 'other') return { how: 'cast', to: 'text', checks: checksOf(column) };
  const rule = MATRIX[a.base]?.[b.base];
  return rule === undefined ? demand(EXPLICIT) : rule(a, b, column);
}

/** The same for a value that steps have made, of which only the language's type is known. */
export function assignBase(from: BaseType, column: TableColumn): Assignment {
  const to = plain(column.type);
  if (CUTTING.has(to.name)) return demand(EXPLICIT);
  if (from === to.base || (from === 'date' && to.base === 'timestamp')) {
    return { how: 'value', checks: checksOf(column) };
  }
  const rule = MATRIX[from]?.[to.base];
  const found = rule?.({ ...to, name: from, modifier: -1, base: from }, to, column) ?? demand(EXPLICIT);
  return found.how === 'demand' ? found : { how: 'value', checks: checksOf(column) };
}
