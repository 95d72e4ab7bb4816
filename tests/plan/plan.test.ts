import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Dependency } from '../../engine/compile/project.js';
import type { Mapping } from '../../engine/contract/mapping.js';
import type { LoadChoice, Step } from '../../engine/contract/plan.js';
import { openCycles } from '../../engine/graph/open.js';
import { makePlan } from '../../engine/plan/plan.js';

const AT = { file: 'mappings/a.yaml', line: 1, column: 1, length: 1 };
const located = <T>(value: T): { readonly value: T; readonly at: typeof AT } => ({ value, at: AT });

/** A mapping of which the planner needs to know only the name and the phase. */
function mapping(name: string, phase: string | null): Mapping {
  return {
    name,
    file: `mappings/${name}.yaml`,
    at: AT,
    description: '',
    phase,
    tags: [],
    dependsOn: [],
    source: {
      connection: located('source'),
      from: { kind: 'table', table: located(name), where: null },
      key: [located('id')],
      changedAt: null,
      skipWhen: [],
      duplicates: { kind: 'reject', at: AT },
      ignore: [],
      sensitive: [],
      partition: { kind: 'auto' },
      at: AT,
    },
    target: {
      connection: located('target'),
      table: located(name),
      key: [],
      identity: null,
      mode: located('upsert'),
      merge: null,
      triggers: located('keep'),
      constraints: located('auto'),
      at: AT,
    },
    columns: [],
    sameName: null,
    rules: [],
    hooks: { before: [], after: [] },
    checks: [],
    maxRejects: { unit: 'rows', count: 0 },
    stopAt: { unit: 'rows', count: 0 },
    deletedRows: null,
    plainCopy: false,
  };
}

/** `a.x>b?`: column x of a refers to b and may be left for a second pass, `?!` with rejects; `a>b`: depends_on. */
const dependency = (word: string): Dependency => {
  const [, from = '', column, to = '', openable, dear] =
    /^(\w+?)(?:\.(\w+))?>(\w+)(\?)?(!)?$/.exec(word) ?? [];
  const given = { from, to, column: column ?? null, at: AT, openable: openable !== undefined };
  return dear === undefined ? given : { ...given, dear: true };
};

/** Mappings as `a b:core`: the name, and the phase behind a colon. */
const choiceOf = (estimatedRows: number): LoadChoice => ({
  estimatedRows,
  constraints: { mode: 'keep', drop: [], reason: null, kept: [] },
  ranges: { count: 1, rows: null, reason: '' },
  sql: '',
  reading: '',
  staged: '',
  existing: '',
  keys: [],
});

function planOf(
  mappings: string,
  needs: string,
  phases: readonly string[] = [],
  only?: string,
): readonly Step[] {
  const all = mappings.split(' ').map((word) => {
    const [, name = '', hooked, phase] = /^(\w+)(!)?(?::(\w+))?$/.exec(word) ?? [];
    const made = mapping(name, phase ?? null);
    return hooked === undefined
      ? made
      : {
          ...made,
          hooks: { before: [], after: [{ ...located('select 1'), written: 'select 1', quote: null }] },
        };
  });
  const dependencies = needs.split(' ').filter(Boolean).map(dependency);
  const names = all.map(({ name }) => name);
  const { opened } = openCycles(names, dependencies);
  const selected = all.filter(({ name }) => only === undefined || only.split(' ').includes(name));
  return makePlan(selected, phases, dependencies, opened, new Map([['a', choiceOf(7)]])).steps;
}

const ids = (steps: readonly Step[]): string =>
  steps
    .map((step) => {
      if (step.kind === 'load') return step.mapping;
      return step.kind === 'hooks' ? `${step.mapping}!` : `${step.mapping}.${step.column}`;
    })
    .join(' ');

const needsOf = (steps: readonly Step[], id: string): readonly string[] =>
  [...(steps.find((step) => step.id === id)?.needs ?? ['no such step'])].sort();

describe('makePlan', () => {
  test.each([
    { name: 'nothing between them: the order of the project', mappings: 'c a b', needs: '', gives: 'c a b' },
    { name: 'what is needed first', mappings: 'a b c', needs: 'a.x>b b.x>c', gives: 'c b a' },
    { name: 'depends_on counts', mappings: 'a b', needs: 'a>b', gives: 'b a' },
    { name: 'ties keep the order of the project', mappings: 'd c b a', needs: 'd.x>a', gives: 'a d c b' },
    {
      name: 'its own second pass at once',
      mappings: 'a b',
      needs: 'a.parent>a? b.a>a',
      gives: 'a a.parent b',
    },
    {
      name: 'two columns to itself',
      mappings: 'a',
      needs: 'a.x>a? a.y>a?',
      gives: 'a a.x a.y',
    },
    { name: 'a larger circle at its end', mappings: 'a b', needs: 'a.b>b? b.a>a', gives: 'a b a.b' },
    {
      name: 'own passes before those of the circle',
      mappings: 'a b',
      needs: 'a.b>b? b.a>a b.parent>b?',
      gives: 'a b b.parent a.b',
    },
    {
      name: 'two columns that close one circle',
      mappings: 'a b',
      needs: 'a.x>b? a.y>b? b.a>a',
      gives: 'a b a.x a.y',
    },
    {
      name: 'a circle of three',
      mappings: 'a b c',
      needs: 'a.b>b? b.c>c c.a>a',
      gives: 'a c b a.b',
    },
    {
      name: 'hooks behind own passes, before what needs the mapping',
      mappings: 'a! b',
      needs: 'a.parent>a? b.a>a',
      gives: 'a a.parent a! b',
    },
    {
      name: "hooks behind the circle's pass",
      mappings: 'a! b!',
      needs: 'a.b>b? b.a>a',
      gives: 'a b b! a.b a!',
    },
  ])('$name', ({ mappings, needs, gives }) => {
    expect(ids(planOf(mappings, needs))).toBe(gives);
  });

  test.each([
    { name: 'phases before the order of the files', mappings: 'a:two b:one', needs: '', gives: 'b a' },
    {
      name: 'a phase ends with its second passes',
      mappings: 'a:one b:one c:two',
      needs: 'a.b>b? b.a>a',
      gives: 'a b a.b c',
    },
    {
      name: 'order inside a phase',
      mappings: 'a:two b:two c:one d:one',
      needs: 'a.x>b c.x>d a.y>c',
      gives: 'd c b a',
    },
  ])('$name', ({ mappings, needs, gives }) => {
    expect(ids(planOf(mappings, needs, ['one', 'two']))).toBe(gives);
  });

  it('lets who needs a mapping, or a later phase, wait for its hooks', () => {
    const steps = planOf('a!:one b:one c:two', 'b.a>a', ['one', 'two']);
    expect(needsOf(steps, 'load b')).toEqual(['hooks after a', 'load a']);
    expect(needsOf(steps, 'load c')).toEqual(['hooks after a', 'load a', 'load b']);
  });

  it('a phase is a barrier: each load of the next waits for all of it, second passes included', () => {
    const steps = planOf('a:one b:one c:two d:two', 'a.b>b? b.a>a b.parent>b?', ['one', 'two']);
    const all = ['load a', 'load b', 'second pass a.b', 'second pass b.parent'];
    expect(needsOf(steps, 'load c')).toEqual(all);
    expect(needsOf(steps, 'load d')).toEqual(all);
    expect(needsOf(steps, 'load a')).toEqual([]);
  });

  it('dependants wait for a second pass to itself, not for one that closes a larger circle', () => {
    const steps = planOf('a b c', 'a.b>b? b.a>a a.parent>a? c.a>a');
    expect(needsOf(steps, 'load c')).toEqual(['load a', 'second pass a.parent']);
    expect(needsOf(steps, 'load b')).toEqual(['load a', 'second pass a.parent']);
    expect(needsOf(steps, 'second pass a.parent')).toEqual(['load a']);
    expect(needsOf(steps, 'second pass a.b')).toEqual(['load a', 'load b', 'second pass a.parent']);
  });

  it('where it may take rows back, who refers into the circle waits for it', () => {
    const steps = planOf('c a b d', 'a.b>b?! b.a>a c.a>a d.c>c');
    expect(ids(steps)).toBe('a b a.b c d');
    expect(needsOf(steps, 'load c')).toEqual(['load a', 'second pass a.b']);
    expect(needsOf(steps, 'load b')).toEqual(['load a']);
  });

  it('what is not selected is neither done nor waited for', () => {
    const steps = planOf('a b c', 'a.x>b b.x>c b.parent>b? c.b>b?', [], 'a c');
    expect(ids(steps)).toBe('a c');
    expect(steps.map((step) => step.needs)).toEqual([[], []]);
  });

  it('a second pass whose other end is not selected is left out', () => {
    expect(ids(planOf('a b', 'a.b>b? b.a>a', [], 'a'))).toBe('a');
  });

  it('tells estimates, phases and what a pass refers to', () => {
    expect(planOf('a:one b:one', 'a.b>b? b.a>a', ['one'])).toEqual([
      {
        id: 'load a',
        kind: 'load',
        mapping: 'a',
        before: [],
        phase: 'one',
        needs: [],
        ...choiceOf(7),
      },
      {
        id: 'load b',
        kind: 'load',
        mapping: 'b',
        before: [],
        phase: 'one',
        needs: ['load a'],
        ...choiceOf(0),
      },
      {
        id: 'second pass a.b',
        kind: 'second_pass',
        mapping: 'a',
        column: 'b',
        references: 'b',
        rowsAtMost: 7,
        reason: 'a and b need each other',
        phase: 'one',
        needs: ['load a', 'load b'],
      },
    ]);
  });

  it('no mapping, no step', () => {
    expect(makePlan([], [], [], [], new Map()).steps).toEqual([]);
  });

  const projects = fc.integer({ min: 1, max: 7 }).chain((count) => {
    const index = fc.nat({ max: count - 1 });
    return fc.record({
      phases: fc.array(fc.nat({ max: 2 }), { minLength: count, maxLength: count }),
      needs: fc.array(fc.record({ from: index, to: index, openable: fc.boolean(), dear: fc.boolean() }), {
        maxLength: 14,
      }),
    });
  });

  it('can be done from the first step to the last, and keeps every dependency and barrier', () => {
    fc.assert(
      fc.property(projects, ({ phases, needs }) => {
        const names = ['one', 'two', 'three'];
        const all = phases.map((phase, n) => mapping(`m${String(n)}`, names[phase] ?? null));
        const dependencies = needs
          .filter(({ from, to }) => (phases[to] ?? 0) <= (phases[from] ?? 0))
          .map(({ from, to, openable, dear }, n): Dependency =>
            dependency(
              `m${String(from)}.c${String(n)}>m${String(to)}${openable ? '?' : ''}${dear ? '!' : ''}`,
            ),
          );
        const { opened, closed } = openCycles(
          all.map(({ name }) => name),
          dependencies,
        );
        fc.pre(closed.length === 0);
        const { steps } = makePlan(all, names, dependencies, opened, new Map());
        const done = new Set<string>();
        for (const step of steps) {
          for (const need of step.needs) expect(done.has(need)).toBe(true);
          done.add(step.id);
        }
        expect(done.size).toBe(all.length + opened.length);
        for (const need of dependencies.filter((d) => !opened.includes(d))) {
          expect(needsOf(steps, `load ${need.from}`)).toContain(`load ${need.to}`);
        }
        const order = steps.map((step) => names.indexOf(step.phase ?? ''));
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });
});
