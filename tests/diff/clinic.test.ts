import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeClass } from '../../engine/contract/diff.js';
import { Edited, inRounds, type Edit } from './sides.js';

const ORDERS = 'core/orders.yaml';
const PATIENTS = 'core/patients.yaml';
const CASES = 'business/cases.yaml';
const TASKS = 'business/tasks.yaml';

/** One edit as a pull request has it, and what the comment must say of it. */
interface Case {
  readonly edits: readonly Edit[];
  /** The one change; null: none, and the file is named as text alone. */
  readonly is: ChangeClass | null;
  /** The mappings that change, where it is not the file's own. */
  readonly mappings?: readonly string[];
  readonly what?: string;
  /** The file and a text of its line. */
  readonly at?: readonly [file: string, line: string];
  /** Some that must run again with it; none others than these where `only`. */
  readonly dependants?: readonly string[];
  readonly only?: true;
}

const edit = (file: string, from: string, to: string): readonly Edit[] => [{ file, from, to }];

const rejecting = { dependants: ['order_states', 'cases', 'tasks'] } as const;

const EDITS: Readonly<Record<string, Case>> = {
  'another comment': { edits: edit(ORDERS, '# the nightly import is no person', '# nobody'), is: null },
  'another layout of a query': {
    edits: edit(
      'sql/tasks.sql',
      'from dispatch_task as t\nleft join',
      '  FROM dispatch_task t -- the floor\n LEFT  JOIN',
    ),
    is: null,
  },
  'other words for people': {
    edits: edit(ORDERS, 'description: What', 'description: All that'),
    ...{ is: 'cosmetic', what: 'description', at: [ORDERS, 'description: All that'] },
  },
  'a new column': {
    edits: edit(
      PATIENTS,
      '  chart_number: chart_number\n',
      '  chart_number: chart_number\n  chart_text: search\n',
    ),
    ...{
      is: 'additive',
      what: 'column chart_text',
      at: [PATIENTS, 'chart_text: search'],
      dependants: [],
      only: true,
    },
  },
  'a column that is gone': {
    edits: edit(ORDERS, '  arch: { from: payload, steps: [trim, empty_to_null, { json_get: arch }] }\n', ''),
    ...{ is: 'destructive', what: 'column arch', at: [ORDERS, 'columns:'], dependants: [], only: true },
  },
  'a step that is gone': {
    edits: edit('core/roles.yaml', '[trim, lower]', '[trim]'),
    ...{
      is: 're-transform',
      what: 'column code: steps',
      at: ['core/roles.yaml', 'code:'],
      dependants: [],
      only: true,
    },
  },
  'another argument of a step': {
    edits: edit(CASES, 'truncate: 120', 'truncate: 80'),
    ...{ is: 're-transform', what: 'column title: steps', at: [CASES, 'truncate: 80'] },
  },
  'another value of a map': {
    edits: edit(ORDERS, 'X: cancelled', 'X: void'),
    ...{
      is: 're-transform',
      what: 'column status: map entry X',
      at: [ORDERS, 'X: void'],
      dependants: [],
      only: true,
    },
  },
  'a new entry of a map that rejects the rest': {
    edits: edit(ORDERS, 'X: cancelled', 'X: cancelled, R: returned'),
    ...{ is: 'additive', what: 'column status: map entry R', at: [ORDERS, 'R: returned'], ...rejecting },
  },
  'an entry of a map that is gone': {
    edits: edit(ORDERS, ', X: cancelled', ''),
    ...{ is: 'destructive', what: 'column status: map entry X', at: [ORDERS, 'map:'], ...rejecting },
  },
  'values that a map does not hold are rejected': {
    edits: edit('core/order_states.yaml', 'unmapped: { value: other }', 'unmapped: reject'),
    ...{
      is: 'destructive',
      what: 'column state: unmapped',
      at: ['core/order_states.yaml', 'unmapped: reject'],
    },
  },
  'another default': {
    edits: edit(PATIENTS, 'default: unverified', 'default: unknown'),
    ...{ is: 're-transform', what: 'column lifecycle: default', at: [PATIENTS, 'default: unknown'] },
  },
  'another source key': {
    edits: edit(PATIENTS, '  key: id\n', '  key: chart_number\n'),
    ...{ is: 'identity-changing', what: 'source: key', at: [PATIENTS, 'key: chart_number'] },
    dependants: ['doctors', 'orders', 'tasks'],
  },
  'another target key': {
    edits: edit(PATIENTS, '  key: legacy_patient_id\n', '  key: chart_number\n'),
    ...{ is: 'identity-changing', what: 'target: key', at: [PATIENTS, 'key: chart_number'] },
    dependants: ['doctors', 'orders', 'tasks'],
  },
  'another way to make ids': {
    edits: edit('core/doctors.yaml', 'strategy: uuid5', 'strategy: uuid7'),
    ...{ is: 'identity-changing', what: 'target: identity: strategy', at: ['core/doctors.yaml', 'uuid7'] },
    dependants: ['patients'],
  },
  'another step of the identity': {
    edits: edit('core/offices.yaml', 'part: 2', 'part: -1'),
    ...{
      is: 'identity-changing',
      what: 'column id: steps',
      at: ['core/offices.yaml', 'part: -1'],
      dependants: ['doctors'],
    },
  },
  'a missing reference rejects': {
    edits: edit(TASKS, 'references: tasks, missing: null', 'references: tasks'),
    ...{ is: 'destructive', what: 'column parent_id: missing', at: [TASKS, 'parent_id:'] },
  },
  'a reference that leads elsewhere': {
    edits: edit(TASKS, '{ mapping: profiles, by: user_id }', 'doctors'),
    ...{ is: 're-transform', what: 'column assignee_id: references', at: [TASKS, 'references: doctors'] },
  },
  'a rule that warns': {
    edits: edit(PATIENTS, 'rules:\n', 'rules:\n  - not_null: [email]\n    severity: warn\n'),
    ...{
      is: 'additive',
      what: 'rule not_null(email)',
      at: [PATIENTS, '- not_null'],
      dependants: [],
      only: true,
    },
  },
  'a rule that rejects': {
    edits: edit(PATIENTS, 'rules:\n', 'rules:\n  - not_null: [email]\n'),
    ...{ is: 'destructive', what: 'rule not_null(email)', at: [PATIENTS, '- not_null'] },
    dependants: ['doctors', 'orders', 'tasks', 'cases', 'order_states'],
  },
  'a rule that warned rejects': {
    edits: edit(ORDERS, 'severity: warn', 'severity: reject'),
    ...{ is: 'destructive', what: 'rule no credit note', at: [ORDERS, '- range'], ...rejecting },
  },
  'a rule with more room': {
    edits: edit(CASES, 'max: 99', 'max: 120'),
    ...{ is: 'additive', what: 'rule trays in one box', at: [CASES, 'max: 120'], dependants: ['tasks'] },
  },
  'more is skipped': {
    edits: edit(ORDERS, 'deleted: is_deleted = 1', 'deleted: is_deleted = 1 or total is null'),
    ...{ is: 'destructive', what: 'skip_when deleted', at: [ORDERS, 'or total is null'], ...rejecting },
  },
  'less is skipped': {
    edits: edit(ORDERS, "    test_order: number like 'TEST-%'\n", ''),
    ...{ is: 'additive', what: 'skip_when test_order', at: [ORDERS, 'skip_when:'], ...rejecting },
  },
  'another output of a query': {
    edits: edit('sql/tasks.sql', 't.price,', 'round(t.price, 2) as price,'),
    ...{ is: 're-transform', mappings: ['tasks'], what: 'source: query', at: ['sql/tasks.sql', 'round('] },
  },
  'a query that reads less': {
    edits: edit('sql/tasks.sql', 'c.id = t.case_id', "c.id = t.case_id\nwhere t.created > '2020-01-01'"),
    ...{ is: 'destructive', mappings: ['tasks'], what: 'source: query', at: ['sql/tasks.sql', 'where'] },
  },
  'a condition more': {
    edits: edit('core/offices.yaml', "where: kind = 'O'", "where: kind = 'O' and city is not null"),
    ...{
      is: 'destructive',
      what: 'source: where',
      at: ['core/offices.yaml', 'where:'],
      dependants: ['doctors'],
    },
  },
  'a table that is emptied': {
    edits: edit('core/roles.yaml', '  table: roles\n', '  table: roles\n  mode: replace\n'),
    ...{
      is: 'destructive',
      what: 'target: mode',
      at: ['core/roles.yaml', 'mode:'],
      dependants: ['profiles'],
    },
  },
  'rows are deleted': {
    edits: edit(ORDERS, 'max_rejects:', 'deleted_rows: delete\nmax_rejects:'),
    ...{ is: 'destructive', what: 'deleted_rows', at: [ORDERS, 'deleted_rows:'], ...rejecting },
  },
  'more rejects are allowed': {
    edits: edit(ORDERS, "max_rejects: '7%'", "max_rejects: '9%'"),
    ...{ is: 'additive', what: 'max_rejects', at: [ORDERS, "'9%'"], dependants: [], only: true },
  },
  'a default of etl.yaml': {
    edits: edit('etl.yaml', 'triggers: keep', 'triggers: disable'),
    ...{
      is: 're-transform',
      what: 'target: triggers',
      at: ['etl.yaml', 'triggers: disable'],
      dependants: [],
      only: true,
    },
    mappings: ['cases', 'orders', 'tasks'],
  },
  'a value of a CSV file': {
    edits: edit('lookups/states.csv', 'NJ,New Jersey', 'NJ,Jersey'),
    ...{ is: 're-transform', what: 'lookup states: entry NJ', at: ['lookups/states.csv', 'NJ,Jersey'] },
    mappings: ['offices'],
  },
  'a mapping of another name': {
    edits: [
      { file: 'clinical/jaws.yaml', to: null },
      { file: 'clinical/jaws.test.yaml', to: null },
      { file: 'clinical/arches.yaml', to: readFileSync('mappings/clinical/jaws.yaml', 'utf8') },
      { file: 'clinical/treatment_plans.yaml', from: 'references: jaws', to: 'references: arches' },
      { file: 'clinical/treatment_plans.yaml', from: 'references: jaws', to: 'references: arches' },
    ],
    ...{ is: 'identity-changing', mappings: ['arches'], what: 'mapping was jaws' },
    ...{ at: ['clinical/arches.yaml', 'description:'], dependants: ['treatment_plans'] },
  },
  'a new mapping': {
    edits: edit(
      'etl.yaml',
      '  - { table: genders',
      '  - { table: colours, phase: core }\n  - { table: genders',
    ),
    ...{ is: 'additive', mappings: ['colours'], what: 'new mapping', at: ['etl.yaml', 'colours'] },
  },
  'a mapping that is gone': {
    edits: [{ file: 'core/order_states.yaml', to: null }],
    ...{
      is: 'destructive',
      mappings: ['order_states'],
      what: 'mapping is gone',
      at: ['core/order_states.yaml', 'description:'],
    },
  },
};

let clinic: Edited;

beforeAll(async () => {
  clinic = await Edited.of(path.resolve('mappings'));
});
afterAll(() => {
  clinic.close();
});

const all = Object.entries(EDITS).map(([name, one]) => ({ name, ...one }));
const ROUNDS = inRounds(
  'mappings',
  all,
  (a, b) => a.what === b.what && a.edits[0]?.file === b.edits[0]?.file,
);

describe('edits of the clinic’s mappings, of all classes', () => {
  test.each(ROUNDS.map((round) => [round.map(({ name }) => name).join(' · '), round] as const))(
    '%s',
    async (_, round) => {
      const { diff, lineAt } = await clinic.after(round.flatMap(({ edits }) => edits));
      const real = round.filter(({ is }) => is !== null);
      expect(diff.changes.map(({ what }) => what).sort()).toEqual(real.map(({ what }) => what).sort());
      for (const { name, edits, is, mappings, what, at, dependants, only } of round) {
        const file = edits[0]?.file ?? '';
        if (is === null) {
          // Of a file that another edit of the round changes, too, more than the text differs.
          if (!real.some((other) => other.edits.some((one) => one.file === file))) {
            expect(diff.untold, name).toContain(`mappings/${file}`);
          }
          continue;
        }
        const change = diff.changes.find(
          (one) => one.what === what && one.at.file === `mappings/${at?.[0] ?? ''}`,
        );
        expect(change?.class, name).toBe(is);
        if (change === undefined) continue;
        expect(change.mappings, name).toEqual(
          expect.arrayContaining([...(mappings ?? [path.basename(file, '.yaml')])]),
        );
        expect(lineAt(change), name).toContain(at?.[1]);
        const names = change.dependants.map(({ mapping }) => mapping);
        if (only) expect(names, name).toEqual(dependants);
        else expect(names, name).toEqual(expect.arrayContaining([...(dependants ?? [])]));
        if (change.needsRun && change.side === 'head')
          expect(diff.rerun, name).toEqual(expect.arrayContaining([...change.mappings, ...names]));
      }
    },
  );
});

test('edges that appear and vanish', async () => {
  const { diff } = await clinic.after(edit(TASKS, '{ mapping: profiles, by: user_id }', 'doctors'));
  const shown = (list: typeof diff.edges.appear): readonly string[] =>
    list.map(
      ({ kind, from, to, column, at }) => `${kind} ${from} → ${to} by ${String(column)} in ${at.file}`,
    );
  expect(shown(diff.edges.appear)).toEqual([
    'reference tasks → doctors by assignee_id in mappings/business/tasks.yaml',
  ]);
  expect(shown(diff.edges.vanish)).toEqual([
    'reference tasks → profiles by assignee_id in mappings/business/tasks.yaml',
  ]);
});
