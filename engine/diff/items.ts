import type { CheckSpec } from '../contract/check.js';
import type { Mapping, RuleSpec } from '../contract/mapping.js';
import type { SqlTrees } from '../sql/index.js';
import { jsonValue, mapOf, same, scalarText, show, SqlPart, type Facet, type FacetValue } from './facet.js';
import { thresholdText } from './facets/make.js';

/** An item of a list whose order means nothing, as it stands on one side. */
interface Item {
  readonly name: string;
  /** What it is besides its name. */
  readonly value: FacetValue;
  /** Items of one kind may be each other's successors. */
  readonly kind: string;
  readonly facets: (id: readonly string[]) => readonly Facet[];
}

/** The facets of both sides' rules and checks, with one id for what belongs together. */
export function itemFacets(
  base: Mapping | null,
  head: Mapping | null,
  sql: SqlTrees,
): readonly [readonly Facet[], readonly Facet[]] {
  const sides = [base, head].map((one) =>
    one === null ? [] : [...one.rules.map(ruleItem), ...one.checks.map(checkItem)],
  );
  return pairItems(sides[0] ?? [], sides[1] ?? [], sql);
}

/** First what is the same, then what has one name, then what is of one kind. */
function pairItems(
  base: readonly Item[],
  head: readonly Item[],
  sql: SqlTrees,
): readonly [readonly Facet[], readonly Facet[]] {
  const left = new Set(base);
  const partner = new Map<Item, Item>();
  const ways: readonly ((a: Item, b: Item) => boolean)[] = [
    (a, b) => a.name === b.name && same(a.value, b.value, sql),
    (a, b) => same(a.value, b.value, sql),
    (a, b) => a.kind === b.kind && a.name === b.name,
    (a, b) => a.kind === b.kind,
  ];
  for (const belongs of ways) {
    for (const item of head) {
      if (partner.has(item)) continue;
      const found = [...left].find((one) => belongs(one, item));
      if (found === undefined) continue;
      partner.set(item, found);
      left.delete(found);
    }
  }
  const id = (n: number): readonly string[] => ['items', String(n)];
  const pairs = [
    ...head.map((item) => [partner.get(item) ?? null, item] as const),
    ...[...left].map((item) => [item, null] as const),
  ];
  return [
    pairs.flatMap(([old], n) => old?.facets(id(n)) ?? []),
    pairs.flatMap(([, fresh], n) => fresh?.facets(id(n)) ?? []),
  ];
}

function ruleItem({ name, severity, test, at }: RuleSpec, n: number): Item {
  const argument: FacetValue =
    test.kind === 'sql'
      ? SqlPart.of(test.sql, true)
      : test.version === undefined
        ? jsonValue(test.argument)
        : { argument: jsonValue(test.argument), code: test.version.slice(0, 7) };
  const rule = test.kind === 'sql' ? 'sql' : test.rule;
  const place = { column: null, path: ['rules', n, rule], near: at };
  const own = rule === 'sql' || !name.startsWith(`${rule}(`) ? name : null;
  const what = `rule ${name}`;
  const shown = `${rule}: ${show(argument)}${severity === 'reject' ? '' : ` (${severity})`}`;
  return {
    name,
    kind: `rule ${rule} ${columnsIn(argument)}`,
    value: { rule, argument, severity },
    facets: (id) => [
      // The severity has a facet of its own: here it only says how grave a rule is that comes, goes or differs.
      {
        ...{ ...place, id, key: 'a mapping › rules', what, shown, whole: true },
        ...{ value: { rule, argument, severity }, compared: { rule, argument } },
      },
      { ...place, id: [...id, 'severity'], key: 'a rule › severity', what, value: severity },
      {
        ...place,
        id: [...id, 'name'],
        key: 'a rule › name',
        what: `${what}: name`,
        value: own,
        path: ['rules', n, 'name'],
      },
    ],
  };
}

/** The columns that an argument names: `range` of one column is not followed by one of another. */
const columnsIn = (argument: FacetValue): string => show(mapOf(argument)['column'] ?? '');

function checkItem({ name, test, severity, errorIf, warnIf, at }: CheckSpec, n: number): Item {
  const subject: FacetValue =
    test.kind === 'query'
      ? {
          query: SqlPart.of(test.sql, false),
          connection: test.connection.value,
          expect: test.value === null ? 'empty' : { value: scalarText(test.value) },
        }
      : test.kind === 'unique'
        ? { unique: test.columns.map(({ value }) => value) }
        : 'column' in test
          ? { [test.kind]: test.column.value }
          : test.kind;
  const limits = [errorIf, warnIf].map((limit) =>
    limit === null ? null : `${limit.operator} ${thresholdText(limit.amount)}`,
  );
  const value: FacetValue = {
    check: subject,
    severity,
    error_if: limits[0] ?? null,
    warn_if: limits[1] ?? null,
  };
  const facet = {
    column: null,
    path: ['checks', n],
    near: at,
    key: 'a mapping › checks',
    what: `check ${name}`,
  };
  return {
    name,
    kind: `check ${test.kind}`,
    value,
    facets: (id) => [
      {
        ...facet,
        id,
        value,
        whole: true,
        shown: `${show(subject)}${severity === 'error' ? '' : ` (${severity})`}`,
      },
      {
        ...facet,
        id: [...id, 'name'],
        value: test.kind === 'query' ? name : null,
        what: `check ${name}: name`,
      },
    ],
  };
}
