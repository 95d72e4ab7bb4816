import type { CompiledMapping } from '../../contract/compiled.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { Ordered, OrderedBy, Session } from '../../contract/session.js';
import { Row } from '../../compile/program/row.js';
import { isRowRefusal, sqlstateOf } from '../../postgres/failure.js';
import { behind, type KeysetPart } from './keyset.js';
import { locateFault } from './locate-fault.js';
import { computedFields, findFaults, guards, MOST_FAULTS, type SourceFaults } from './source-faults.js';

/** How a mapping's rows are read, and read on from the middle. */
export interface Reading {
  readonly compiled: CompiledMapping;
  /** One that gives all rows of a key at a time: SteadySession. */
  readonly session: Session;
  /** Begins the reader's transaction anew, in the same snapshot, after an error. */
  readonly reopen: () => Promise<void>;
  /** What is ordered by, over `q`; each with the field that it comes of. */
  readonly order: readonly OrderedBy[];
  /** A condition on `q`, or null for all rows. */
  readonly only: string | null;
  readonly sql: (only: string | null, guards: ReadonlyMap<number, string>) => string;
  /** Takes the rows that the source cannot compute. */
  readonly faults: SourceFaults;
}

/** Rows behind a place and up to another, and what is not computed in which of them. */
interface Stretch {
  readonly from: Place | null;
  readonly to: Place | null;
  readonly guards: ReadonlyMap<number, string>;
}

/** Where the reading stands: behind the rows that have these texts in its order. */
interface Place {
  readonly texts: readonly (string | null)[];
}

/**
 * Chunks of whole rows, as `copyOut` gives them, of which an error inside the source's SQL takes none away: where it
 * is an expression of the mapping's, its field is null in the rows that it fails for, and `faults` knows these. Each
 * error costs one question and one more COPY, which name up to 10,000 rows; where there are more, rows are read up
 * to the last that is known.
 * @throws EtlError exit 2 where the query itself fails, naming the key as far as it can be found
 */
export async function* faultlessRows(reading: Reading): AsyncIterable<Buffer> {
  const { session, only } = reading;
  let stretch: Stretch = { from: null, to: null, guards: new Map() };
  for (;;) {
    let last: Buffer | null = null;
    try {
      const where = condition(reading, stretch);
      const { guards: known } = stretch;
      const ordered: Ordered = {
        only: (behindLast) => reading.sql(where === null ? behindLast : `${where} and ${behindLast}`, known),
        by: reading.order,
        unique: reading.compiled.keyUnique,
      };
      for await (const chunk of session.copyOut(reading.sql(where, known), ordered)) {
        last = chunk;
        yield chunk;
      }
      if (stretch.to === null) return;
      stretch = { from: stretch.to, to: null, guards: new Map() };
    } catch (error) {
      if (!isRowRefusal(error)) throw error;
      // All that fails behind this place was known: what does is not the same each time.
      if (last === null && stretch.guards.size > 0) throw error;
      const from = last === null ? stretch.from : placeOf(reading, last);
      await reading.reopen();
      stretch = await nextStretch(reading, from, error);
    }
  }

  function condition({ order }: Reading, { from, to }: Stretch): string | null {
    const parts = ({ texts }: Place): readonly KeysetPart[] =>
      order.map(({ sql }, n) => ({ sql, text: texts[n] ?? null }));
    const all = [
      ...(only === null ? [] : [`(${only})`]),
      ...(from === null ? [] : [behind(parts(from))]),
      ...(to === null ? [] : [`not ${behind(parts(to))}`]),
    ];
    return all.length === 0 ? null : all.join(' and ');
  }

  /** Asks for the rows behind a place that fail. */
  async function nextStretch(of: Reading, from: Place | null, error: unknown): Promise<Stretch> {
    const { compiled, faults, order } = of;
    const where = {
      only: condition(of, { from, to: null, guards: new Map() }),
      order: order.map(({ sql }) => sql).join(', '),
    };
    const found = await findFaults(session, compiled, where).catch(async (cause: unknown) => {
      if (!isRowRefusal(cause)) throw cause;
      await of.reopen();
      throw await ofQuery(of, cause);
    });
    const end = found.at(-1);
    if (end === undefined) throw notFound(compiled, error);
    for (const { key, ...fault } of found) if (!key.includes(null)) faults.add(shownKey(key), fault);
    const texts = order.map(({ field }) => end.key[compiled.key.indexOf(field)] ?? null);
    const to = found.length < MOST_FAULTS ? null : { texts };
    return { from, to, guards: guards(compiled, found) };
  }
}

const shownKey = (key: readonly (string | null)[]): string =>
  key.length === 1 ? (key[0] ?? '') : JSON.stringify(key);

/** The place behind the last row of a chunk: all rows like it have come. */
function placeOf({ compiled, order }: Reading, chunk: Buffer): Place {
  const row = new Row(compiled.fields.length);
  row.open(chunk.subarray(chunk.lastIndexOf(0x0a, chunk.length - 2) + 1));
  row.next();
  return { texts: order.map(({ field }) => row.ownText(field)) };
}

/** The error of a query that cannot give its rows. */
async function ofQuery({ compiled, session, reopen }: Reading, cause: unknown): Promise<EtlError> {
  const { mapping } = compiled;
  const { from } = mapping.source;
  const at = from.kind === 'query' ? from.sql.at : (from.where ?? from.table).at;
  const key = await locateFault(session, compiled, reopen);
  const where = key === null ? 'in a row that its key does not tell' : `in the row with the key ${key}`;
  return new EtlError(
    `the source's own SQL fails ${where}: ${cause instanceof Error ? cause.message : String(cause)} (${at.file}:${String(at.line)})`,
    {
      exitCode: EXIT.usage,
      help: 'mend the row, or the query: what stands in sql: or skip_when: would reject the row alone',
      cause,
    },
  );
}

/** The error of an expression that fails in the copy, but for no row by itself. */
function notFound(compiled: CompiledMapping, error: unknown): unknown {
  if (computedFields(compiled).length > 0 || !(error instanceof EtlError)) return error;
  return new EtlError(`the source's own SQL fails [${sqlstateOf(error) ?? ''}]: ${error.message}`, {
    exitCode: EXIT.usage,
    cause: error,
  });
}
