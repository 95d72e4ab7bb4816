import type { CompiledColumn, CompiledMapping } from '../contract/compiled.js';
import { EXIT, EtlError } from '../contract/errors.js';
import type { Session } from '../contract/session.js';
import { OUTCOME, missingReference } from '../compile/program/resolver.js';
import { BatchedKeyMap } from '../resolve/batched-key-map.js';
import type { KeyMap } from '../resolve/key-map.js';
import type { RunContext } from './context.js';
import { GoneRows, type LateRow } from './gone.js';
import { rowLinks, type RowLink } from './links.js';
import { SecondPassRows, type Completed, type Waiting } from './second-pass-rows.js';
import { partsOfKey } from './source-rows.js';
import { Stopped } from './stop.js';
import { takeBack, type TakeBackInputs } from './take-back.js';
import type { Taken, Tally } from './tally.js';

const NOTHING: Taken = { inserted: 0, updated: 0, unchanged: 0 };

export interface SecondPassInputs {
  readonly context: RunContext;
  readonly compiled: CompiledMapping;
  readonly column: CompiledColumn;
  /** Keys of the referenced mapping. */
  readonly keyMap: KeyMap;
  readonly tally: Tally;
  readonly session: Session;
  readonly tallyOf: TakeBackInputs['tallyOf'];
  /** SQL that adds to a mapping's step; without counts it only holds the run's place. */
  readonly checkpoint: TakeBackInputs['checkpoint'];
}

/**
 * Completes the references of rows that came before the rows they refer to. What is still missing then is
 * null, the default, or a late reject: the row goes again, and with it the rows of all mappings that refer to it.
 * Each transaction leaves whole rows and forgets what it has dealt with, so that whoever comes after goes on there.
 * @throws EtlError exit 4 where `stop_at` is reached, exit 5 where the mapping says `fail`
 * @throws Stopped where the run was asked to stop
 */
export async function secondPass(inputs: SecondPassInputs): Promise<void> {
  const pass = new SecondPass(inputs);
  try {
    await pass.run();
  } catch (error) {
    await inputs.session.query('rollback').catch(() => undefined);
    throw error;
  }
}

class SecondPass {
  private readonly rows: SecondPassRows;
  private readonly gone: GoneRows;
  private readonly links: readonly RowLink[];
  private readonly link: RowLink;

  constructor(private readonly inputs: SecondPassInputs) {
    const { context, compiled, column, session } = inputs;
    const { schema, handle } = context;
    this.rows = new SecondPassRows(session, compiled, column, schema, handle.run);
    this.gone = new GoneRows(session, schema, handle.run);
    this.links = rowLinks(context.compiled);
    const own = this.links.find((link) => link.from === compiled && link.column === column.column.name);
    if (own === undefined) throw new Error(`${compiled.mapping.name}.${column.column.name} is no reference`);
    this.link = own;
  }

  async run(): Promise<void> {
    await this.rows.prepare();
    await this.gone.create();
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
    for await (const page of this.rows.pages()) {
      this.assertGoing();
      const missing = (await this.valuesOf(page)).flatMap(({ waiting, value }) =>
        value === undefined ? [waiting] : [],
      );
      if (missing.length === 0) continue;
      if (link.then === 'fail') throw this.failure(missing[0]);
      if (gone.isEmpty) {
        await session.query('begin');
        await gone.clear();
      }
      await gone.add(compiled, { via: link.column, to: link.to.mapping.name }, missing.map(this.orphan));
      for (const _ of missing) inputs.tally.reference(link.column, OUTCOME.missing);
    }
    if (gone.isEmpty) return;
    await this.takeBack('select');
  }

  /** Takes back what is in `etl_leaving` with all that hangs on it, and commits. @param sql further statements */
  private async takeBack(sql: string): Promise<void> {
    const { gone, link, links, inputs } = this;
    const { session } = inputs;
    await gone.spread(links, link);
    const done = await takeBack({ ...inputs, links });
    await session.query(`${sql}; commit`);
    done();
    gone.isEmpty = true;
  }

  /** What each row's reference gives; undefined where no row answers it. */
  private async valuesOf(
    page: readonly Waiting[],
  ): Promise<readonly { readonly waiting: Waiting; readonly value: string | undefined }[]> {
    const { keyMap } = this.inputs;
    if (keyMap instanceof BatchedKeyMap) {
      await keyMap.prefetch(new Set(page.map(({ reference }) => reference)));
    }
    return page.map((waiting) => ({ waiting, value: keyMap.get(waiting.reference) }));
  }

  private refusal({ reference }: Waiting): ReturnType<typeof missingReference> {
    const { link, inputs } = this;
    const { resolver, column, to } = link;
    const values = resolver.by === null ? partsOfKey(to, reference) : [reference];
    return missingReference(resolver, column, values, reference, inputs.context.rejected);
  }

  private readonly orphan = (waiting: Waiting): LateRow => ({
    pass: waiting.id,
    handle: waiting.handle,
    key: waiting.key,
    take: waiting.provisional,
    inserted: waiting.inserted,
    rule: 'references',
    sqlstate: null,
    reason: null,
    value: waiting.reference,
    parent: waiting.reference,
  });

  private failure(first: Waiting | undefined): EtlError {
    const why = first === undefined ? '' : this.refusal(first).reason;
    return new EtlError(`${this.inputs.compiled.mapping.name}, row ${first?.key ?? ''}: ${why}`, {
      exitCode: EXIT.checks,
      help: 'the mapping says "fail" there: mend the source, or let it reject',
    });
  }

  /** Writes the references of some rows; a row that the target refuses is a late reject. */
  private async complete(page: readonly Waiting[]): Promise<void> {
    const { gone, rows, link, inputs } = this;
    const { compiled, tally, session, checkpoint } = inputs;
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
    if (late.length > 0) {
      await gone.clear();
      await gone.add(compiled, { via: link.column, to: link.to.mapping.name }, late);
      await this.takeBack(ending);
    } else {
      await session.query(`${ending}; commit`);
    }
    for (const [n, { value }] of values.entries()) {
      if (refused.has(n)) continue;
      if (value !== undefined) tally.secondPass++;
      const missing = link.fallback === null ? OUTCOME.missing : OUTCOME.defaulted;
      tally.reference(link.column, value === undefined ? missing : OUTCOME.resolved);
    }
  }
}
