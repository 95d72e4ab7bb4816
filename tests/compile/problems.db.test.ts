import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { BIND_CODES } from '../../engine/contract/codes-bind.js';
import { openBinder, type Binder } from './bind.js';
import { CASES, person } from './mistakes.js';
import { SOURCE, TARGET } from './schemas.js';

let binder: Binder;
beforeAll(async () => {
  binder = await openBinder({ source: SOURCE, target: TARGET });
});
afterAll(() => binder.close());

/** A mapping's text where ‹…› marks what is to blame: the text without the mark, and `line:column+length`. */
function marked(text: string): { readonly text: string; readonly at: string } {
  const before = text.slice(0, text.indexOf('‹')).split('\n');
  const length = text.indexOf('›') - text.indexOf('‹') - 1;
  const column = (before.at(-1) ?? '').length + 1;
  return {
    text: text.replace(/[‹›]/g, ''),
    at: `${String(before.length)}:${String(column)}+${String(length)}`,
  };
}

describe('problems of binding, with their places', () => {
  test.each(CASES)('$code $name', async ({ code, mapping, says, others = {}, settings }) => {
    const { text, at } = marked(mapping);
    const { project, problems } = await binder.bind(
      { it: text, ...others },
      settings === undefined ? {} : { settings },
    );
    expect(project).toBeNull();
    expect(problems.map((problem) => problem.split(' ').slice(0, 2).join(' '))).toEqual([
      `${code} it.yaml:${at}`,
    ]);
    expect(problems[0]).toMatch(says);
  });
});

describe('problems without a file of their own', () => {
  it('ETL-BIND-013: a plain copy needs primary keys', async () => {
    const { problems } = await binder.bind({}, { settings: 'copy: [nokey]\n' });
    expect(problems).toEqual([
      expect.stringMatching(/^ETL-BIND-013 etl\.yaml:6:8\+5 the source table "nokey" has no primary key/),
    ]);
  });

  it('every code of binding has a case, and every problem of all mappings is told at once', async () => {
    // 030 and 031 need other mappings of the table, and a table of somebody else: tests/run/{shared-table,triggers}.
    const elsewhere = ['ETL-BIND-013', 'ETL-BIND-014', 'ETL-BIND-030', 'ETL-BIND-031'];
    const shown = new Set<string>([...CASES.map(({ code }) => code), ...elsewhere]);
    expect(Object.keys(BIND_CODES).filter((code) => !shown.has(code))).toEqual([]);
    const { problems } = await binder.bind({
      a: person('name: nme\n  nam: name'),
      b: 'source: { table: persn, key: id }\ntarget: { table: plain }\ncolumns: { v: name }\n',
    });
    expect(problems.map((problem) => problem.slice(0, 12)).sort()).toEqual([
      'ETL-BIND-001',
      'ETL-BIND-003',
      'ETL-BIND-005',
    ]);
  });
});

const link = (table: string, target: string, columns: string): string =>
  `source: { table: ${table}, key: id }\ntarget: { table: ${target}, key: legacy_id, identity: id }\ncolumns:\n  legacy_id: id\n  ${columns}\n`;

describe('ETL-BIND-014: circles that nothing opens', () => {
  const offices = link('office', 'offices', 'city: city\n  boss_id: { from: boss_id, references: persons }');

  it('names the whole way with files and lines, and not by what could be opened', async () => {
    const persons = link(
      'person',
      'persons',
      'parent_id: { from: parent_id, references: persons }\n  office: { from: office_id, references: offices }',
    );
    const strict = await openBinder({
      source: SOURCE,
      target: `${TARGET}; alter table offices alter boss_id set not null; alter table persons alter office set not null`,
    });
    const { problems } = await strict.bind({ persons, offices });
    await strict.close();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^ETL-BIND-014 \S+ references lead in a circle: (offices → persons → offices|persons → offices → persons) \|/,
    );
    expect(problems[0]).toMatch(/offices\.boss_id needs persons \(\S+offices\.yaml:6\)/);
    expect(problems[0]).toMatch(/persons\.office needs offices \(\S+persons\.yaml:6\)/);
    expect(problems[0]).not.toContain('parent_id');
  });

  it('a column that can be null opens it, and rejects what is missing', async () => {
    const persons = link('person', 'persons', 'office: { from: office_id, references: offices }');
    const { project, problems } = await binder.bind({ persons, offices });
    expect(problems).toEqual([]);
    expect(project?.opened).toHaveLength(1);
  });

  it('one column that may stay null opens it before one whose rows would be rejected', async () => {
    const persons = link(
      'person',
      'persons',
      'office: { from: office_id, references: { mapping: offices }, missing: "null" }',
    );
    const { project, problems } = await binder.bind({ persons, offices });
    expect(problems).toEqual([]);
    expect(project?.opened.map(({ from, column }) => `${from}.${column ?? ''}`)).toEqual(['persons.office']);
  });
});
