import type { PgType } from '../../contract/catalogue.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Session } from '../../contract/session.js';

/** Values that are asked about in one question. */
const VALUES = 2000;

/** Types that have no equality, or another one than "the same value": `box = box` compares areas. */
const BY_TEXT: ReadonlySet<string> = new Set([
  'xml', 'point', 'lseg', 'line', 'box', 'path', 'polygon', 'circle', 'jsonpath', 'aclitem',
  '_xml', '_json', '_point', '_lseg', '_line', '_box', '_path', '_polygon', '_circle',
]); // prettier-ignore

const plain = (type: PgType): PgType => (type.domainOf === null ? type : plain(type.domainOf));

/** SQL: a value of the type, read from a text, as it is compared. `json` compares as jsonb: it has no equality. */
export function comparable(sql: string, type: PgType): string {
  const value = `(${sql})::${type.display}`;
  const { name, kind } = plain(type);
  if (name === 'json') return `(${value})::text::jsonb`;
  return BY_TEXT.has(name) || kind === 'composite' ? `(${value})::text` : value;
}

/** Two texts of one column, neither of them null. */
export interface Texts {
  readonly made: string;
  readonly held: string;
}

/**
 * Which texts are different values to the target's own type: 1.0 and 1.00, two spellings of one instant, of one
 * JSON object are none. A text that is no value of the type at all differs from every value.
 * @returns for each, in their order, whether it differs
 */
export async function differ(
  session: Session,
  type: PgType,
  texts: readonly Texts[],
): Promise<readonly boolean[]> {
  const found: boolean[] = [];
  for (let at = 0; at < texts.length; at += VALUES) {
    found.push(...(await ask(session, type, texts.slice(at, at + VALUES))));
  }
  return found;
}

async function ask(session: Session, type: PgType, texts: readonly Texts[]): Promise<readonly boolean[]> {
  try {
    const { rows } = await session.query(
      `select ${comparable('v.made', type)} is distinct from ${comparable('v.held', type)}
       from rows from (json_to_recordset($1) as (made text, held text)) with ordinality v (made, held, n) order by v.n`,
      [JSON.stringify(texts)],
    );
    return rows.map(([differs]) => differs === 't');
  } catch (error) {
    if (!(error instanceof EtlError) || error.exitCode === EXIT.transient) throw error;
    if (texts.length <= 1) return texts.map(() => true);
    const half = texts.length >> 1;
    return [
      ...(await ask(session, type, texts.slice(0, half))),
      ...(await ask(session, type, texts.slice(half))),
    ];
  }
}
