import type { BatchOutcome } from '../../contract/batch.js';
import { copyRows } from '../../postgres/copy-rows.js';
import { quoteName, tableRows } from '../../postgres/identifier.js';
import { canonicalKey } from '../../resolve/key-map.js';
import { broughtSql, type RunPart } from '../keys/brought.js';
import type { RunContext } from '../context.js';
import { keyTypesOf, pairCondition, pairsOf } from '../keys/pairs.js';
import { SourceFaults } from '../read/source-faults.js';
import { streamRows, type StreamInputs } from '../rows/stream.js';
import { Tally } from '../rows/tally.js';
import { Claims } from './claims.js';
import { FirstComes, type UniqueWatch } from './watch.js';

/** In the look-ahead the circuit breaker is silent: the load itself says what it rejects. */
const NO_LIMIT = { unit: 'percent', percent: 100 } as const;

/**
 * Decides how the rules over all rows are kept; null where the mapping has none. Into a table without rows of the
 * mapping the load decides as the rows come. Else all rows are read and made once before, and nothing is loaded: only so
 * is it known which of the values that stand in the target the run will change.
 */
export async function uniqueWatch(
  context: RunContext,
  inputs: StreamInputs,
  anyRows: boolean,
): Promise<UniqueWatch | null> {
  const { program, compiled } = inputs;
  if (program.uniques.length === 0) return null;
  if (!anyRows) return new FirstComes(program);
  const claims = new Claims(program, compiled.mapping.target.mode.value === 'insert');
  await readStored(context, inputs, claims);
  await streamRows(withoutLoad(inputs, claims));
  return claims.decide();
}

/** The same rows, made and thrown away. */
function withoutLoad(inputs: StreamInputs, uniques: UniqueWatch): StreamInputs {
  const { compiled, program, reading } = inputs;
  const { mapping } = compiled;
  const faults = new SourceFaults();
  const outcome = { unchanged: 0, refused: { inserts: new Map(), updates: new Map() } } as const;
  return {
    ...inputs,
    compiled: { ...compiled, mapping: { ...mapping, stopAt: NO_LIMIT } },
    uniques,
    known: null,
    merge: null,
    brought: null,
    rejected: null,
    ids: null,
    keyMap: null,
    faults,
    reading: reading === null ? null : { ...reading, faults },
    needs: { ...inputs.needs, keys: false, handles: false },
    tally: new Tally(program.references),
    loader: {
      load: (batch): Promise<BatchOutcome> =>
        Promise.resolve({ ...outcome, inserted: batch.inserts.count, updated: batch.updates.count }),
    },
    onBatch: () => undefined,
  };
}

/** The mapping's rows in the target, but for those that an interrupted part of the run has brought. */
async function readStored(
  { schema, handle }: RunContext,
  { compiled, program, target }: StreamInputs,
  claims: Claims,
): Promise<void> {
  const name = (index: number): string => `t.${quoteName(compiled.columns[index]?.column.name ?? '')}`;
  const part: RunPart | null = handle.resumes === 0 ? null : { schema, run: handle.run, compiled };
  const ours = part === null ? '' : ` and not ${broughtSql(part)}`;
  const byPair = compiled.found === 'key_map';
  const keys = byPair ? ['k.source_key'] : compiled.targetKey.map(name);
  const from = byPair
    ? `${schema}.key_map k join ${tableRows(compiled.table)} t on ${pairCondition(compiled)} where ${pairsOf(compiled)}`
    : `${tableRows(compiled.table)} t where ${keys.map((key) => `${key} is not null`).join(' and ')}`;
  const values = program.uniques.flatMap(({ columns }) => columns.map(name));
  const sql = `select ${[...keys, ...values].join(', ')} from ${from}${ours}`;
  const types = keyTypesOf(compiled);
  for await (const texts of copyRows(target, sql)) {
    const key = texts.slice(0, keys.length).map((text) => text ?? '');
    let at = keys.length;
    const identities = program.uniques.map((one) =>
      one.identity(texts.slice(at, (at += one.columns.length))),
    );
    claims.hold(byPair ? (key[0] ?? '') : canonicalKey(key, types), identities);
  }
}
