import type { PgType } from '../../contract/catalogue.js';
import type { CompiledMapping } from '../../contract/compiled.js';
import { canonicalDecimal } from '../../contract/decimal.js';
import { quoteText } from '../../postgres/identifier.js';

/** Texts of keys, part by part. */
export type Keys = readonly (readonly string[])[];

/** How one part of a key is compared with a text. */
export interface KeyPart {
  /** SQL of the row's side; each stands against the one of `theirs` at its place. */
  readonly ours: readonly string[];
  /** The same of the text's side. */
  readonly theirs: (text: string) => readonly string[];
  /** Whether the text can be a value of the part at all: what cannot would be an error, and is no row's key. */
  readonly fits: (text: string) => boolean;
}

const INTEGERS: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  int2: [-(2n ** 15n), 2n ** 15n - 1n],
  int4: [-(2n ** 31n), 2n ** 31n - 1n],
  int8: [-(2n ** 63n), 2n ** 63n - 1n],
  oid: [0n, 2n ** 32n - 1n],
};
const SPECIAL = new Set(['NaN', 'Infinity', '-Infinity']);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const isText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
const isDecimal = (text: string): boolean => SPECIAL.has(text) || canonicalDecimal(text) !== null;

function isFloat(text: string, least: number, most: number): boolean {
  if (SPECIAL.has(text)) return true;
  const size = Math.abs(Number(canonicalDecimal(text) ?? 'NaN'));
  return size === 0 ? !/[1-9]/.test(text) : size >= least && size <= most;
}

const cast = (sql: string, type: string, fits: KeyPart['fits']): KeyPart => ({
  ours: [`(${sql})`],
  theirs: (text) => [`${text}::${type}`],
  fits,
});

/** Compares a number with one. */
export const numberPart = (sql: string): KeyPart => ({
  ...cast(sql, 'numeric', isDecimal),
  ours: [`(${sql})::numeric`],
});

/** Compares by the text alone. */
export const textPart = (sql: string): KeyPart => ({
  ours: [`(${sql})::text collate "C"`],
  theirs: (text) => [`${text} collate "C"`],
  fits: isText,
});

/** How a value of a type is compared: numbers, booleans, uuids and padded texts by value, all else by its text. */
export function keyPart(sql: string, type: PgType): KeyPart {
  if (type.domainOf !== null) return keyPart(sql, type.domainOf);
  const bounds = INTEGERS[type.name];
  if (bounds !== undefined) {
    const [min, max] = bounds;
    const fits = (text: string): boolean =>
      /^-?\d{1,20}$/.test(text) && BigInt(text) >= min && BigInt(text) <= max;
    return cast(sql, type.name, fits);
  }
  switch (type.name) {
    case 'numeric':
      return cast(sql, 'numeric', isDecimal);
    case 'float4':
      return cast(sql, 'float4', (text) => isFloat(text, 1.2e-38, 3.4e38));
    case 'float8':
      return cast(sql, 'float8', (text) => isFloat(text, 2.3e-308, 1.7e308));
    case 'bool':
      return cast(sql, 'bool', (text) => /^(true|false|t|f)$/.test(text));
    case 'uuid':
      return cast(sql, 'uuid', (text) => UUID.test(text));
    case 'bpchar':
      return cast(sql, 'bpchar', isText);
    case 'text':
    case 'varchar': {
      // The first for an index, the second for collations in which different texts are equal.
      const byText = textPart(sql);
      return {
        ...byText,
        ours: [`(${sql})`, ...byText.ours],
        theirs: (text) => [text, ...byText.theirs(text)],
      };
    }
    default:
      return textPart(sql);
  }
}

/** The parts of a mapping's source key, over its rows `q`. */
export const sourceKeyParts = ({ key, fields }: CompiledMapping): readonly KeyPart[] =>
  key.map((index) => {
    const field = fields[index];
    return field === undefined ? textPart('null') : keyPart(field.sql, field.type);
  });

/** A condition that restricts rows to those with some keys. */
export function keysCondition(parts: readonly KeyPart[], keys: Keys): string {
  const values = keys
    .filter((key) => parts.every((part, n) => part.fits(key[n] ?? '')))
    .map((key) => Object.fromEntries(key.map((text, n) => [`k${String(n)}`, text])));
  if (values.length === 0) return 'false';
  const names = parts.map((_, n) => `k${String(n)} text`).join(', ');
  const ours = parts.flatMap((part) => part.ours).join(', ');
  const theirs = parts.flatMap((part, n) => part.theirs(`v.k${String(n)}`)).join(', ');
  return `(${ours}) in (select ${theirs} from json_to_recordset(${quoteText(JSON.stringify(values))}) as v(${names}))`;
}
