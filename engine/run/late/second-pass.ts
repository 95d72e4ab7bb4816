import type { CompiledColumn, CompiledMapping } from '../../contract/compiled.js';
import { EXIT, EtlError } from '../../contract/errors.js';
import { sensitiveColumns } from '../../compile/program/program.js';
import { OUTCOME, missingReference } from '../../compile/program/resolver.js';
import { keysOfWaiting } from '../../compile/program/waiting.js';
import { BatchedKeyMap } from '../../resolve/batched-key-map.js';
import type { KeyMap } from '../../resolve/key-map.js';
import type { RunContext } from '../context.js';
import { GoneRows, type LateRow } from './gone.js';
import { heldKeys } from '../keys/held-keys.js';
import { LedRows } from './led.js';
import { countedWith, rowLinks, type RowLink } from './links.js';
import { SecondPassRows, type Completed, type Waiting } from './second-pass-rows.js';
import { partsOfKey } from '../read/source-rows.js';
import type { SteadySession } from '../sessions/steady-session.js';
import { SteadyWork } from '../sessions/steady-work.js';
import { Stopped } from '../stop.js';
import type { TakeBackInputs } from './leaving.js';
import { takeBack } from './take-back.js';
import type { Taken, Tally } from '../rows/tally.js';

const NOTHING: Taken = { inserted: 0, updated: 0, unchanged: 0 };

export interface SecondPassInputs {
  readonly context: RunContext;
  readonly compiled: CompiledMapping;
  readonly column: CompiledColumn;
  /** Keys of the mappings that the column may lead to, one for each parent. */
  readonly keyMaps: readonly KeyMap[];
  readonly tally: Tally;
  readonly session: SteadySession;
  readonly tallyOf: TakeBackInputs['tallyOf'];
  /** SQL that adds to a mapping's step; without counts it only holds the run's place. */
  readonly checkpoint: TakeBackInputs['checkpoint'];
}

/**
 * Completes the references of rows that came before the rows they refer to. What is still missing then is
 * null, the default, or a late reject: the row goes again, and with it the rows of all mappings that refer to it.
 * Each transaction leaves whole rows and forgets what it has dealt with, so that whoever comes after goes on there: a
 * later run, or this one on a new connection.
 * @throws EtlError exit 3 where connections are lost again and again, exit 4 where `stop_at` is reached, exit 5 where the
 *   mapping says `fail`
 * @throws Stopped where the run was asked to stop
 */
export async function secondPass(inputs: SecondPassInputs): Promise<void> {
  const retries = inputs.context.retriesOf(inputs.compiled.mapping.name);
  const work = new SteadyWork(inputs.session, retries, 'a second pass was cut off');
  const pass = new SecondPass(inputs, work);
  await work.through(() => pass.run());
}

/** What a row's reference gives, and the mapping with which that is counted. */
interface Found {
  readonly waiting: Waiting;
  /** Undefined where no row answers it. */
  readonly value: string | undefined;
  readonly mapping: string | undefined;
}

class SecondPass {
  private readonly rows: SecondPassRows;
  private readonly gone: GoneRows;
  private readonly links: readonly RowLink[];
  /** Those of the column, one for each parent. */
  private readonly ways: readonly RowLink[];
  /** Any of them, for what they have in common. */
  private readonly link: RowLink;

  constructor(
    private readonly inputs: SecondPassInputs,
    private readonly work: SteadyWork,
  ) {
    const { context, compiled, column, session } = inputs;
    const { schema, handle } = context;
    this.rows = new SecondPassRows(session, compiled, column, schema, handle.run);
    this.links = rowLinks(context.compiled);
    const { name } = column.column;
    this.ways = this.links.filter((link) => link.from === compiled && link.column === name);
    const [own] = this.ways;
    if (own === undefined) throw new Error(`${compiled.mapping.name}.${column.column.name} is no reference`);
    this.link = own;
    const led = new LedRows(context, session);
    this.gone = new GoneRows(session, schema, handle.run, this.links, this.ways, led);
  }

  async run(): Promise<void> {
    await this.rows.prepare();
    await this.gone.create();
    await this.gone.clear();
    if (this.link.then !== 'null') await this.settleMissing();
    for await (const page of this.rows.pages()) {
      this.assertGoing();
      await this.complete(page);
    }
    await this.rows.forgetAll();
  }

  private assertGoing(): void {
    const { stop } = this.inputs.context;
    if (stop.requested) throw new Stopped(stop.reason);
  }

  /** Rejects the rows that wait in vain before any other is completed: so nothing refers to them afterwards. */
  private async settleMissing(): Promise<void> {
    const { gone, link, inputs } = this;
    const { compiled, session } = inputs;
    const counted: (string | undefined)[] = [];
    for await (const page of this.rows.pages()) {
      this.assertGoing();
      const missing = (await this.valuesOf(page)).flatMap(({ waiting, value }) =>
        value === undefined ? [waiting] : [],
      );
      if (missing.length === 0) continue;
      if (link.then === 'fail') throw this.failure(missing[0]);
      if (gone.isEmpty) await session.query('begin');
      await gone.add(compiled, link.column, missing.map(this.orphan));
      for (const one of missing) counted.push(this.countedWith(one));
    }
    if (gone.isEmpty) return;
    await this.takeBack('select', () => {
      for (const mapping of counted) inputs.tally.reference(link.column, mapping, OUTCOME.missing);
    });
  }

  /**
   * Takes back what is in `etl_leaving` with all that hangs on it, and commits.
   * @param sql further statements @param counted counts what was done beside
   */
  private async takeBack(sql: string, counted: () => void): Promise<void> {
    const { gone, links, inputs, work } = this;
    await gone.spread();
    const keyMaps = heldKeys(inputs.context.keyMaps, (undo) => {
      work.ifTakenBack(undo);
    });
    const done = await takeBack({ ...inputs, context: { ...inputs.context, keyMaps }, links, gone });
    await work.commit(sql, () => {
      counted();
      done();
    });
    gone.isEmpty = true;
  }

  /** The ways that a row's reference asks, each with the canonical key that it asks for. */
  private askedBy({ reference }: Waiting): readonly { readonly link: RowLink; readonly key: string }[] {
    const keys = keysOfWaiting(reference, this.ways.length);
    return this.ways.flatMap((link, n) => {
      const key = keys[n] ?? null;
      return key === null ? [] : [{ link, key }];
    });
  }

  /** With which mapping a row is counted that refers to none. */
  private countedWith(waiting: Waiting): string | undefined {
    const [first] = this.askedBy(waiting);
    return first === undefined ? undefined : countedWith(first.link);
  }

  /** What each row's reference gives, and the mapping that has it; undefined where no row answers it. */
  private async valuesOf(page: readonly Waiting[]): Promise<readonly Found[]> {
    const { keyMaps } = this.inputs;
    const asked = page.map((waiting) => ({ waiting, ways: this.askedBy(waiting) }));
    for (const [n, map] of keyMaps.entries()) {
      if (!(map instanceof BatchedKeyMap)) continue;
      const keys = asked.flatMap(({ ways }) =>
        ways.flatMap(({ link, key }) => (link.place === n ? [key] : [])),
      );
      await map.prefetch(new Set(keys));
    }
    return asked.map(({ waiting, ways }) => {
      for (const { link, key } of ways) {
        const value = keyMaps[link.place]?.get(key);
        if (value !== undefined) return { waiting, value, mapping: link.to.mapping.name };
      }
      return { waiting, value: undefined, mapping: this.countedWith(waiting) };
    });
  }

  private refusal(waiting: Waiting): ReturnType<typeof missingReference> {
    const { link, inputs } = this;
    const asked = this.askedBy(waiting).map(({ link: { parent }, key }) => ({ parent, key }));
    return missingReference(
      link.resolver,
      link.column,
      this.valuesIn(waiting),
      asked,
      inputs.context.rejected,
    );
  }

  /** The reference's values as its key has them. */
  private valuesIn(waiting: Waiting): readonly string[] {
    const [first] = this.askedBy(waiting);
    if (first === undefined) return [];
    return first.link.parent.by === null ? partsOfKey(first.link.to, first.key) : [first.key];
  }

  private readonly orphan = (waiting: Waiting): LateRow => {
    const refusal = this.refusal(waiting);
    const [first] = this.askedBy(waiting);
    const parent = first === undefined ? null : { mapping: first.link.parent.mapping.value, key: first.key };
    return {
      pass: waiting.id,
      handle: waiting.handle,
      key: waiting.key,
      take: waiting.provisional,
      inserted: waiting.inserted,
      rule: 'references',
      sqlstate: null,
      reason: refusal.reason,
      value: refusal.value,
      parent: refusal.because?.parent ?? parent,
    };
  };

  private failure(first: Waiting | undefined): EtlError {
    const { link, inputs } = this;
    const isHidden = sensitiveColumns(inputs.compiled).has(link.column);
    const refusal = first === undefined ? null : this.refusal(first);
    const why = (isHidden ? refusal?.masked() : refusal)?.reason ?? '';
    return new EtlError(`${this.inputs.compiled.mapping.name}, row ${first?.key ?? ''}: ${why}`, {
      exitCode: EXIT.checks,
      help: 'the mapping says "fail" there: mend the source, or let it reject',
    });
  }

  /** Writes the references of some rows; a row that the target refuses is a late reject. */
  private async complete(page: readonly Waiting[]): Promise<void> {
    const { gone, rows, link, inputs } = this;
    const { compiled, tally, checkpoint } = inputs;
    const values = await this.valuesOf(page);
    const batch: readonly Completed[] = values.map(({ waiting, value }) => ({
      waiting,
      value: value ?? link.fallback,
    }));
    const { refused, moved } = await rows.complete(batch);
    const late = page.flatMap((waiting, n): LateRow[] => {
      const why = refused.get(n);
      if (why === undefined) return [];
      const rule = why.constraint ?? (why.sqlstate === 'ETL01' ? 'trigger' : 'database');
      const { sqlstate, reason } = why;
      return [{ ...this.orphan(waiting), rule, sqlstate, reason, parent: null }];
    });
    const taken = { ...NOTHING, updated: -moved, unchanged: moved };
    const ending = `${rows.forgetSql(page)}; ${checkpoint(compiled.mapping.name, taken, 0)}`;
    // Before rows are taken back, so that counts of theirs are there to be taken.
    tally.takeBack(taken);
    this.work.ifTakenBack(() => {
      tally.takeBack({ ...NOTHING, updated: moved, unchanged: -moved });
    });
    const counted = (): void => {
      for (const [n, { value, mapping }] of values.entries()) {
        if (refused.has(n)) continue;
        if (value !== undefined) tally.secondPass++;
        const missing = link.fallback === null ? OUTCOME.missing : OUTCOME.defaulted;
        tally.reference(link.column, mapping, value === undefined ? missing : OUTCOME.resolved);
      }
    };
    if (late.length === 0) {
      await this.work.commit(ending, counted);
      return;
    }
    await gone.clear();
    await gone.add(compiled, link.column, late);
    await this.takeBack(ending, counted);
  }
}
