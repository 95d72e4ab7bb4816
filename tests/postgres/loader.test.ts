import { afterEach, describe, expect, it } from 'vitest';
import type { Loader } from '../../engine/postgres/loader.js';
import { batchOf, openTarget, type Message, type Outcome, type Target, type Values } from './careful.js';

let target: Target | null = null;
afterEach(async () => {
  await target?.close();
  target = null;
});

const open = async (table: string): Promise<Target> => (target = await openTarget(table));

/** Loads a batch and gives what it left, told like the load one by one. */
async function load(to: Target, loader: Loader, rows: readonly Values[]): Promise<Outcome> {
  const { refused, inserted } = await loader.load(batchOf(rows));
  expect(inserted).toBe(rows.length - refused.inserts.size);
  const found = [...refused.inserts].map(([n, refusal]) => [n, refusal] as const);
  return { rows: await to.contents(), refused: found };
}

/** The one-by-one load's words, where the column is not named by the server but by the detail that it gives. */
function named({ rows, refused }: Outcome): Outcome {
  const words = refused.map(([n, { sqlstate, reason, column, constraint }]) => {
    const key = /\(([^(),]+)\)=\(/.exec(reason)?.[1] ?? null;
    return [n, { sqlstate, reason, column: column === '' ? key : column, constraint: constraint === '' ? null : constraint }] as const; // prettier-ignore
  });
  return { rows, refused: words };
}

const OTHER = 'create table other (n int primary key); insert into other select generate_series(0, 9);';
/** It does nothing, but COPY and INSERT could differ. */
const RULE =
  'create table aside (n int); create rule r as on insert to thing where false do also insert into aside values (1)';
const RAISES = `create function f() returns trigger language plpgsql as $$ begin
  if new.n = 13 then raise 'no % here', new.n using errcode = 'AB123'; end if; return new; end $$;`;

/** What refuses, the table, the columns of its rows, and the way that the loader takes from the second batch on. */
const KINDS: readonly (readonly [string, string, 'probe' | 'staged'])[] = [
  ['check', 'create table thing (id int primary key, n int check (n < 10), t text)', 'probe'],
  ['check of two columns', "create table thing (id int primary key, n int, t text, check (n < 10 or t = 'x'))", 'probe'],
  ['domain', "create domain small as int check (value < 10) check (value <> 9); create table thing (id int primary key, n small, t text)", 'probe'],
  ['domain over a domain, not null', 'create domain d as int check (value < 10); create domain e as d not null; create table thing (id int primary key, n e, t text)', 'probe'],
  ['unique', 'create table thing (id int primary key, n int unique, t text)', 'probe'],
  ['unique, deferred', 'create table thing (id int primary key, n int unique deferrable initially deferred, t text)', 'probe'],
  ['unique, nulls too', 'create table thing (id int primary key, n int unique nulls not distinct, t text)', 'probe'],
  ['unique, partial', "create table thing (id int primary key, n int, t text); create unique index once on thing (n) where t = 'x'", 'probe'],
  ['unique expression', 'create table thing (id int primary key, n int, t text); create unique index once on thing ((n % 7), lower(t))', 'probe'],
  ['unique under a collation', `create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false); create table thing (id int primary key, n int, t text collate loose unique)`, 'probe'],
  ['unique of a partitioned table', 'create table thing (id int primary key, n int, t text) partition by range (id); create table low partition of thing for values from (0) to (100); create table high partition of thing default', 'probe'],
  ['foreign key', `${OTHER} create table thing (id int primary key, n int references other, t text)`, 'probe'],
  ['foreign key, deferred', `${OTHER} create table thing (id int primary key, n int references other deferrable initially deferred, t text)`, 'probe'],
  ['foreign key of two columns', `create table pair (n int, t text, primary key (n, t)); insert into pair select n, 'x' from generate_series(0, 9) n; create table thing (id int primary key, n int, t text, foreign key (n, t) references pair)`, 'probe'],
  ['foreign key, all or none', `create table pair (n int, t text, primary key (n, t)); insert into pair select n, 'x' from generate_series(0, 9) n; create table thing (id int primary key, n int, t text, foreign key (n, t) references pair match full)`, 'probe'],
  ['foreign key to itself', 'create table thing (id int primary key, n int references thing, t text)', 'probe'],
  ['not null', 'create table thing (id int primary key, n int not null, t text)', 'staged'],
  ['exclusion', 'create table thing (id int primary key, n int, t text, exclude using btree (n with =))', 'staged'],
  ['type', 'create table thing (id int primary key, n int, t varchar(1))', 'probe'],
  ['type of a label', `create type mood as enum ('x', 'y', 'z', 'X', 'yy', 'a', 'b'); create table thing (id int primary key, n int check (n < 10), t mood)`, 'probe'],
  ['type under a constraint', 'create table thing (id int primary key, n int, t varchar(1), unique (n, t))', 'staged'],
  ['type of a domain', 'create domain letter as varchar(1); create table thing (id int primary key, n int, t letter)', 'staged'],
  ['trigger after', `create table thing (id int primary key, n int, t text); ${RAISES} create trigger t after insert on thing for each row execute function f()`, 'staged'],
  ['trigger before', `create table thing (id int primary key, n int, t text); ${RAISES} create trigger t before insert on thing for each row execute function f()`, 'staged'],
  ['generated column', 'create table thing (id int primary key, n int, t text, g int generated always as (1 / (n - 13)) stored)', 'staged'],
  ['check of a generated column', 'create table thing (id int primary key, n int, t text, g int generated always as (n * 2) stored check (g < 20))', 'staged'],
]; // prettier-ignore

/** Bad and good rows next to each other: values twice, none, unknown, and two faults in one row. */
const BATCHES: readonly (readonly Values[])[] = [0, 1].map((b) => {
  const id = (n: number): string => String(100 * b + n);
  return [
    [id(1), '1', 'x'],
    [id(2), '2', 'y'],
    [id(3), '13', 'x'],
    [id(4), '1', 'X'],
    [id(5), null, null],
    [id(6), '9', 'x'],
    [id(6), '4', 'yy'],
    [id(7), '13', 'yy'],
    [id(8), null, 'z'],
    [id(9), id(8), 'a'],
    [id(10), id(11), 'b'],
    [id(11), id(11), 'c'],
    [id(12), '5', 'tab\tline\nback\\'],
  ];
});

describe.for(['as it is', 'with a rule, so that nothing can be probed'])(
  'a refused row, the table %s',
  (how) => {
    it.for(KINDS)('%s', async ([, table, way]) => {
      const ruled = how !== 'as it is';
      const to = await open(table);
      if (ruled) await to.sql(RULE);
      const messages: Message[] = [];
      const loader = await to.loader(messages);
      for (const rows of BATCHES) {
        const wanted = named(await to.oneByOne(rows));
        expect(wanted.refused.length).toBeGreaterThan(0);
        messages.length = 0;
        expect(await load(to, loader, rows)).toEqual(wanted);
      }
      // Of the second batch: the question, the rows, the commit.
      expect(messages).toEqual(
        ruled || way === 'staged' ? ['staged', 'end'] : ['probe', 'sure and suspects', 'end'],
      );
      const [step] = await to.sql('select inserted::int, rejected::int from etl.steps');
      const inserted = (await to.contents()).length;
      expect(step).toEqual({ inserted, rejected: BATCHES.flat().length - inserted });
    });
  },
);

/** Loads batches, and gives what became of the last one and what it cost. */
async function messagesOf(
  to: Target,
  batches: readonly Parameters<typeof batchOf>[],
): Promise<readonly unknown[]> {
  const messages: Message[] = [];
  const loader = await to.loader(messages);
  let told: unknown = null;
  for (const [inserts, updates] of batches) {
    messages.length = 0;
    const { refused, ...counts } = await loader.load(batchOf(inserts, updates));
    const states = (map: ReadonlyMap<number, { readonly sqlstate: string }>): readonly string[] =>
      [...map].map(([n, { sqlstate }]) => `${String(n)} ${sqlstate}`);
    told = { ...counts, refused: [...states(refused.inserts), ...states(refused.updates)] };
  }
  return [told, ...messages];
}

const THING = 'create table thing (id int primary key, n int check (n < 10), t text);';
const row = (id: number, n: number): Values => [String(id), String(n), 'x'];

describe('round trips', () => {
  it('clean rows of both kinds go as one message', async () => {
    const to = await open(`${THING} insert into thing values (1, 1, 'x'), (2, 2, 'x')`);
    expect(await messagesOf(to, [[[row(3, 3)], [row(1, 1), row(2, 5)]]])).toEqual([
      { inserted: 1, updated: 1, unchanged: 1, refused: [] },
      'straight',
    ]);
    expect(
      await to.sql('select read::int, inserted::int, updated::int, unchanged::int from etl.steps'),
    ).toEqual([{ read: 3, inserted: 1, updated: 1, unchanged: 1 }]);
  });

  it('clean rows go as one message where a trigger may take them, too', async () => {
    const to = await open(
      `${THING} create function f() returns trigger language plpgsql as $$ begin return new; end $$;
       create trigger t before insert or update on thing for each row execute function f(); insert into thing values (1, 1, 'x')`,
    );
    expect(await messagesOf(to, [[[row(3, 3)], [row(1, 2)]]])).toEqual([
      { inserted: 1, updated: 1, unchanged: 0, refused: [] },
      'straight',
    ]);
  });

  it('a first refusal costs three more, a careful batch without one only its question', async () => {
    const to = await open(THING);
    const bad = [row(1, 1), row(2, 10)];
    expect(await messagesOf(to, [[bad]])).toEqual([
      { inserted: 1, updated: 0, unchanged: 0, refused: ['1 23514'] },
      'straight',
      'probe',
      'sure and suspects',
      'end',
    ]);
    await to.sql('truncate thing');
    expect(await messagesOf(to, [[bad], [[row(3, 3)]]])).toEqual([
      { inserted: 1, updated: 0, unchanged: 0, refused: [] },
      'probe',
      'end',
    ]);
  });

  it('twenty clean batches lead back to the straight way', async () => {
    const to = await open(THING);
    const batches = Array.from({ length: 22 }, (_, n): [Values[]] => [[row(n, n === 0 ? 10 : 1)]]);
    expect((await messagesOf(to, batches.slice(0, 21))).slice(1)).toEqual(['probe', 'end']);
    await to.sql('truncate thing');
    expect((await messagesOf(to, batches)).slice(1)).toEqual(['straight']);
  });

  it('a refused update lets its neighbours and the new rows through', async () => {
    const to = await open(`${THING} insert into thing values (1, 1, 'x'), (2, 2, 'x')`);
    const first = messagesOf(to, [
      [
        [row(3, 10), row(4, 4)],
        [row(1, 10), row(2, 5)],
      ],
    ]);
    expect((await first)[0]).toEqual({
      inserted: 1,
      updated: 1,
      unchanged: 0,
      refused: ['0 23514', '0 23514'],
    });
    expect(await to.contents()).toEqual(['(1,1,x)', '(2,5,x)', '(4,4,x)']);
  });
});

describe('what changes under way', () => {
  it('other kinds of bad rows: the loader finds the way that they want', async () => {
    const to = await open(
      `${OTHER} create table thing (id int primary key, n int references other, t varchar(2))`,
    );
    const messages: Message[] = [];
    const loader = await to.loader(messages);
    const kinds: readonly (readonly [string, Values, readonly Message[]])[] = [
      ['unknown', ['1', '99', 'x'], ['straight', 'probe', 'sure and suspects', 'end']],
      ['too long', ['2', '1', 'xyz'], ['probe', 'end', 'staged', 'end']],
      ['too long again', ['3', '1', 'xyz'], ['probe', 'sure and suspects', 'end']],
      ['unknown again', ['4', '99', 'x'], ['probe', 'sure and suspects', 'end']],
      ['both in one row', ['6', '99', 'xyz'], ['probe', 'sure and suspects', 'end']],
    ];
    for (const [what, bad, way] of kinds) {
      messages.length = 0;
      const good = ['x' + what, '1', 'x'].map((v, n) => (n === 0 ? `${bad[0] ?? ''}0` : v));
      const { refused } = await loader.load(batchOf([good, bad]));
      expect([what, [...refused.inserts.keys()], messages]).toEqual([what, [1], way]);
    }
  });

  it('constraints that were dropped and put back are read again', async () => {
    const to = await open(THING);
    const messages: Message[] = [];
    const loader = await to.loader(messages);
    await loader.load(batchOf([row(1, 10)]));
    await to.sql('alter table thing drop constraint thing_n_check, add constraint less check (n < 5)');
    loader.constraintsChanged();
    messages.length = 0;
    const { refused } = await loader.load(batchOf([row(2, 7), row(3, 3)]));
    expect(refused.inserts.get(0)?.constraint).toBe('less');
    expect(messages).toEqual(['probe', 'sure and suspects', 'end']);
  });

  it('a referenced table that the role may not read is left to the constraint itself', async () => {
    const to = await open(THING);
    await to.admin(
      'create table other (n int primary key); insert into other values (1); grant references on other to public',
    );
    await to.sql('alter table thing add constraint known foreign key (n) references other');
    expect(
      await messagesOf(to, [[[row(1, 1), row(2, 2)]], [[row(3, 1), row(4, 10)]], [[row(5, 1), row(6, 2)]]]),
    ).toEqual([
      { inserted: 1, updated: 0, unchanged: 0, refused: ['1 23503'] },
      'probe',
      'end',
      'staged',
      'end',
    ]);
  });
});
