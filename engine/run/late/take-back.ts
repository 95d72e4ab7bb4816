import { EXIT, EtlError } from '../../contract/errors.js';
import { ChainEnds } from '../../resolve/rejected-keys.js';
import { withIndexes } from '../closure/indexes.js';
import { breakCircuit, firstOf } from '../rows/stream.js';
import type { Taken, Tally } from '../rows/tally.js';
import { deleteRows } from './delete-taken.js';
import { writeRejects, type Told } from './late-rejects.js';
import { pages, type GoneRow, type TakeBackInputs } from './leaving.js';
import { leaveBehind } from './leave-behind.js';
import { restoreChanged } from './restore-changed.js';
import { uncountReferences } from './uncount.js';

/**
 * Takes the rows of `etl_leaving` out of the target, or makes them what they were, out of key maps and counts, and writes down a reject of each with its
 * source row and the chain up to the first cause. Gives what makes the counts so, to be done after the commit.
 * @throws EtlError exit 5 where rows refer to them that must not go: of a mapping that says `fail`, or that is not loaded
 */
export async function takeBack(inputs: TakeBackInputs): Promise<() => void> {
  await assertFree(inputs);
  const done: (() => void)[] = [];
  const told: Told = { examples: new Map(), ends: new ChainEnds() };
  const counts = new Map<string, { was: Record<string, number>; rejected: number }>();
  for await (const page of pages(inputs.session)) forgetKeys(inputs, page);
  for (const link of inputs.links) done.push(await leaveBehind(inputs, link));
  for await (const page of pages(inputs.session)) {
    for (const row of page) {
      const one = counts.get(row.mapping) ?? { was: {}, rejected: 0 };
      counts.set(row.mapping, one);
      one.was[row.was ?? 'unknown'] = (one.was[row.was ?? 'unknown'] ?? 0) + 1;
      one.rejected++;
    }
    done.push(await writeRejects(inputs, page, told));
  }
  for (const mapping of counts.keys()) done.push(await uncountReferences(inputs, mapping));
  const deleting = [...counts].flatMap(([mapping, { rejected: rows }]) => {
    const oid = inputs.context.compiled.get(mapping)?.table.oid;
    return oid === undefined || inputs.context.dryRun ? [] : [{ oid, rows }];
  });
  for (const mapping of counts.keys()) {
    const compiled = inputs.context.compiled.get(mapping);
    if (compiled !== undefined) await restoreChanged(inputs, compiled);
  }
  await withIndexes(inputs.session, deleting, () => deleteRows(inputs, [...counts.keys()]));
  for (const [mapping, { was, rejected }] of counts) {
    const tally = inputs.tallyOf(mapping);
    if (tally === null || tally === undefined) continue;
    const compiled = inputs.context.compiled.get(mapping);
    if (compiled !== undefined) {
      breakCircuit(
        compiled,
        tally.rejected + rejected,
        tally.read,
        firstOf(told.examples.get(mapping) ?? []),
      );
    }
    const taken = takenOf(tally, was);
    await inputs.session.query(inputs.checkpoint(mapping, taken, rejected));
    done.push(() => {
      tally.takeBack(taken);
    });
  }
  return () => {
    for (const one of done) one();
  };
}

/** How rows were counted; where only their mapping knew, as far as it goes as new ones. */
function takenOf(tally: Tally, was: Readonly<Record<string, number>>): Taken {
  const { inserted = 0, updated = 0, unchanged = 0, unknown = 0 } = was;
  const fresh = Math.min(unknown, tally.inserted - inserted);
  const changed = Math.min(unknown - fresh, tally.updated - updated);
  return {
    inserted: inserted + fresh,
    updated: updated + changed,
    unchanged: unchanged + unknown - fresh - changed,
  };
}

/** Rows that would have to go, but must not. */
async function assertFree({ links, gone, tallyOf }: TakeBackInputs): Promise<void> {
  for (const link of links) {
    const mapping = link.from.mapping.name;
    const stranger = tallyOf(mapping) === undefined;
    if (link.then !== 'fail' && !stranger) continue;
    const found = await gone.staying(link);
    if (found === null) continue;
    const [key, parent] = found;
    const row = `${mapping}, row ${key}: ${link.column} refers to ${link.to.mapping.name} ${parent}, which is rejected`;
    throw new EtlError(stranger ? `${row}, and ${mapping} is not part of this run` : row, {
      exitCode: EXIT.checks,
      help: stranger
        ? `select ${mapping}, too: its rows go with those that they refer to`
        : 'the mapping says "fail" there: mend the source, or let it reject',
    });
  }
}

/** The rows are no rows of the mapping any more: whoever refers to them says so. */
function forgetKeys({ context }: TakeBackInputs, page: readonly GoneRow[]): void {
  for (const { mapping, key, take, via, parent, rule } of page) {
    if (take) context.keyMaps.get(mapping)?.delete(key);
    context.rejected.get(mapping)?.add(key, { mapping, column: via, rule: rule ?? 'references', parent });
  }
}
