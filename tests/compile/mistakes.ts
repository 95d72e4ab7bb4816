import type { BIND_CODES } from '../../engine/contract/codes-bind.js';

/** A mapping that cannot be bound. */
export interface Mistake {
  readonly code: keyof typeof BIND_CODES;
  readonly name: string;
  /** The mapping `it`, marked. */
  readonly mapping: string;
  readonly says: RegExp;
  readonly others?: Readonly<Record<string, string>>;
  readonly settings?: string;
}

const PERSONS =
  'source: { table: person, key: id }\ntarget: { table: persons, key: legacy_id, identity: id }\n';
/** A mapping of `person` with one more column. */
export const person = (columns: string): string => `${PERSONS}columns:\n  legacy_id: id\n  ${columns}\n`;

/** Each code of binding at least once. */
export const CASES: readonly Mistake[] = [
  {
    code: 'ETL-BIND-001',
    name: 'a source table that is not there',
    mapping: 'source: { table: ‹persn›, key: id }\ntarget: { table: plain }\ncolumns: { v: name }\n',
    says: /no table "persn" \| did you mean "person"\?/,
  },
  {
    code: 'ETL-BIND-002',
    name: 'an unknown column in sql',
    mapping: person('name: { sql: "upper(‹nam›)" }'),
    says: /column "nam" does not exist/,
  },
  {
    code: 'ETL-BIND-002',
    name: 'in where',
    mapping:
      'source: { table: person, where: "id > 1 and ‹idd› < 3", key: id }\ntarget: { table: plain, mode: insert }\ncolumns: { v: name }\n',
    says: /column "idd" does not exist/,
  },
  {
    code: 'ETL-BIND-020',
    name: 'a changed_at that holds no time',
    mapping:
      'source: { table: person, key: id, changed_at: ‹name› }\ntarget: { table: plain, mode: insert }\ncolumns: { v: name }\n',
    says: /"name" is .*, not a time/,
  },
  {
    code: 'ETL-BIND-021',
    name: 'a sum of what is no number',
    mapping: `${person('name: name')}checks: [{ sum: ‹name› }]\n`,
    says: /"name" is .*, not a number/,
  },
  {
    code: 'ETL-BIND-021',
    name: 'a check of a column that is made anew',
    mapping: `${person('name: { generate: now }')}checks: [{ distinct: ‹name› }]\n`,
    says: /made anew in every run/,
  },
  {
    code: 'ETL-BIND-002',
    name: 'in the query of a check',
    mapping: `${person('name: name')}checks: [{ query: select ‹nam› from persons }]\n`,
    says: /the target refuses this SQL: column "nam" does not exist/,
  },
  {
    code: 'ETL-BIND-002',
    name: 'in the third line of a block',
    mapping:
      'source:\n  query: |\n    select id,\n      name\n    from ‹persn›\n  key: id\ntarget: { table: plain, mode: insert }\ncolumns: { v: name }\n',
    says: /relation "persn" does not exist/,
  },
  {
    code: 'ETL-BIND-002',
    name: 'behind an emoji',
    mapping: person(`name: { sql: "'😀😀' || ‹nam›" }`),
    says: /column "nam" does not exist/,
  },
  {
    code: 'ETL-BIND-002',
    name: "an aggregate of the source's own, which would change what a row is",
    mapping: person('name: { sql: "‹own_max(name)›" }'),
    says: /must appear in the GROUP BY clause|aggregate/,
  },
  {
    code: 'ETL-BIND-002',
    name: 'skip_when that is no condition',
    mapping:
      'source: { table: person, key: id, skip_when: { old: "‹price›" } }\ntarget: { table: plain, mode: insert }\ncolumns: { v: name }\n',
    says: /a condition is true or false, this is numeric/,
  },
  {
    code: 'ETL-BIND-002',
    name: 'a rule that is no condition',
    mapping: `${person('name: name')}rules:\n  - sql: "‹price›"\n`,
    says: /a condition is true or false, this is numeric/,
  },
  {
    code: 'ETL-BIND-003',
    name: 'a source column that is not there',
    mapping: person('name: ‹nme›'),
    says: /no column "nme" \| did you mean "name"\?/,
  },
  {
    code: 'ETL-BIND-003',
    name: 'a key that is not there, once',
    mapping:
      'source: { table: person, key: ‹idd› }\ntarget: { table: numbers, identity: { column: id, strategy: preserve } }\ncolumns: { v: name }\n',
    says: /no column "idd"/,
  },
  {
    code: 'ETL-BIND-003',
    name: 'a column named by `by`',
    mapping: person('office: { from: code, references: { mapping: offices, by: ‹cod› } }'),
    says: /the source of "offices" has no column "cod"/,
    others: {
      offices:
        'source: { table: office, key: id }\ntarget: { table: offices, key: legacy_id, identity: id }\ncolumns: { legacy_id: id, city: city }\n',
    },
  },
  {
    code: 'ETL-BIND-004',
    name: 'a target table that is not there',
    mapping: 'source: { table: person, key: id }\ntarget: { table: ‹person› }\ncolumns: { v: name }\n',
    says: /no table "person" \| did you mean "persons"\?/,
  },
  {
    code: 'ETL-BIND-005',
    name: 'a target column that is not there',
    mapping: person('‹nam›: name'),
    says: /"persons" has no column "nam" \| did you mean "name"\?/,
  },
  {
    code: 'ETL-BIND-006',
    name: 'a column that must be filled',
    mapping:
      'source: { table: person, key: id }\ntarget: { table: ‹strict›, key: id }\ncolumns: { id: id, a: id }\n',
    says: /"c" of "strict" is not null, has no default and is not mapped \| add "c"/,
  },
  {
    code: 'ETL-BIND-007',
    name: 'a type that does not go in',
    mapping: person('created_at: ‹created›'),
    says: /"created" is timestamp without time zone, "created_at" is timestamp with time zone \| .*timezone/,
  },
  {
    code: 'ETL-BIND-007',
    name: 'digits that would be rounded away',
    mapping: person('created_on: ‹created›'),
    says: /fewer digits/,
  },
  {
    code: 'ETL-BIND-007',
    name: 'the same with a default',
    mapping: person('created_on: { ‹from›: created, default: "2020-01-01" }'),
    says: /fewer digits/,
  },
  {
    code: 'ETL-BIND-007',
    name: 'the value of steps',
    mapping: person('born: { from: name, steps: [‹trim›] }'),
    says: /the value is text, "born" is timestamp.*parse_date/,
  },
  {
    code: 'ETL-BIND-007',
    name: 'a map that keeps what it does not know',
    mapping: person('created_at: { from: created, ‹map›: { "infinity": null }, unmapped: keep }'),
    says: /the value is timestamp, "created_at" is timestamp with time zone/,
  },
  {
    code: 'ETL-BIND-008',
    name: 'a generated column',
    mapping: person('‹loud›: name'),
    says: /"loud" is computed by the target/,
  },
  {
    code: 'ETL-BIND-009',
    name: 'an identity that nothing tells',
    mapping:
      'source: { table: pair, key: [a, b] }\ntarget: { table: numbers, identity: ‹id› }\ncolumns: { v: note }\n',
    says: /how "id" gets its values cannot be told/,
  },
  {
    code: 'ETL-BIND-009',
    name: 'a sequence that is not there',
    mapping:
      'source: { table: person, key: id }\ntarget: { table: numbers, identity: { column: id, strategy: ‹sequence› } }\ncolumns: { v: name }\n',
    says: /"id" has no sequence/,
  },
  {
    code: 'ETL-BIND-009',
    name: 'uuids into a number',
    mapping:
      'source: { table: person, key: id }\ntarget: { table: numbers, identity: { column: id, strategy: ‹uuid5› } }\ncolumns: { v: name }\n',
    says: /"id" is integer, not uuid/,
  },
  {
    code: 'ETL-BIND-010',
    name: 'a target key that is not unique',
    mapping:
      'source: { table: person, key: id }\ntarget: { table: persons, key: ‹name›, identity: id }\ncolumns: { name: name }\n',
    says: /"name" is not unique in "persons"/,
  },
  {
    code: 'ETL-BIND-011',
    name: 'rows that could not be found again',
    mapping: 'source: { table: person, key: id }\n‹target›: { table: plain }\ncolumns: { v: name }\n',
    says: /could not be found again/,
  },
  {
    code: 'ETL-BIND-012',
    name: 'a reference that gives another type',
    mapping: person('office_id: { from: office_id, references: ‹offices› }'),
    says: /"offices" gives uuid \("id"\), "office_id" is integer/,
    others: {
      offices:
        'source: { table: office, key: id }\ntarget: { table: offices, key: legacy_id, identity: id }\ncolumns: { legacy_id: id, city: city }\n',
    },
  },
  {
    code: 'ETL-BIND-012',
    name: 'a column that the other target does not have',
    mapping: person('office_id: { from: office_id, references: { mapping: offices, yields: ‹legacy› } }'),
    says: /"offices" has no column "legacy"/,
    others: {
      offices:
        'source: { table: office, key: id }\ntarget: { table: offices, key: legacy_id, identity: id }\ncolumns: { legacy_id: id, city: city }\n',
    },
  },
  {
    code: 'ETL-BIND-015',
    name: 'two columns of one name',
    mapping:
      'source:\n  query: "select id, name, ‹born› as name from person"\n  key: id\ntarget: { table: plain, mode: insert }\ncolumns: { v: name }\n',
    says: /two columns named "name"/,
  },
  {
    code: 'ETL-BIND-016',
    name: 'a step that does not take the type',
    mapping: person('created_at: { from: active, steps: [{ ‹timezone›: UTC }] }'),
    says: /the step timezone takes .*, here comes boolean/,
  },
  {
    code: 'ETL-BIND-017',
    name: 'a rule on a column that is not filled',
    mapping:
      "source: { table: person, key: id }\ntarget: { table: plain, mode: insert }\ncolumns: { '*': same_name }\nrules:\n  - ‹not_null›: [v]\n",
    says: /the rule speaks of "v", which the mapping does not fill/,
  },
  {
    code: 'ETL-BIND-018',
    name: 'a bound that is no value of the type',
    mapping: `${person('price: { from: price, steps: [{ round: 2 }] }')}rules:\n  - ‹range›: { column: price, min: cheap }\n`,
    says: /"cheap" is no numeric/,
  },
  {
    code: 'ETL-BIND-019',
    name: 'a view',
    mapping: 'source: { table: person, key: id }\ntarget: { table: ‹shown›, key: id }\ncolumns: { id: id }\n',
    says: /"shown" cannot be loaded: it is no table/,
  },
  {
    code: 'ETL-BIND-019',
    name: 'row-level security',
    mapping:
      'source: { table: person, key: id }\ntarget: { table: ‹locked›, key: id }\ncolumns: { id: id }\n',
    says: /row-level security may hide rows from select, insert, update, delete by the target role/,
  },
];
