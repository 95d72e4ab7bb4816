import { gravity } from '../../contract/diff.js';
import type { Mapping, Origin } from '../../contract/mapping.js';
import { quoteDotted } from '../../contract/table-name.js';
import { leavesOut, takesIn, verdict, type Judged, type Verdict } from './verdict.js';
import type { QueryParts } from '../../sql/index.js';

/** The rows that a mapping reads, as one select. */
export function queryOf(mapping: Mapping | null): string {
  if (mapping === null) return '';
  const { from } = mapping.source;
  if (from.kind === 'query') return from.sql.value.replace(/;\s*$/, '');
  return `select * from ${quoteDotted(from.table.value)}${from.where === null ? '' : ` where (${from.where.value}\n)`}`;
}

/** What the change of a query does, part for part; the worst of them decides. */
export function queryVerdict(one: Judged, before: string, after: string): Verdict {
  const [base, head] = [one.sql.query(before), one.sql.query(after)];
  const found = [
    ...outputVerdicts(one, base, head),
    ...fromVerdicts(one, base, head),
    ...conditionVerdicts(one, base, head),
    ...(base.fewer === head.fewer
      ? []
      : [leavesOut('distinct, group by, having or limit differ: other rows may be read', one)]),
    ...(base.rest === head.rest ? [] : [verdict('re-transform', UNTOLD, 'rows')]),
  ];
  const worst = found.reduce((a, b) => (gravity(b.class) > gravity(a.class) ? b : a), NOTHING);
  const words = [...new Set(found.map(({ consequence }) => consequence))];
  return { ...worst, consequence: words.length === 0 ? NOTHING.consequence : words.join('; ') };
}

const NOTHING = verdict('cosmetic', 'the same rows and values are read');
const UNTOLD =
  'rows already loaded may hold other values; which rows are read cannot be told from the text alone (etl diff --sample shows)';

function outputVerdicts(one: Judged, base: QueryParts, head: QueryParts): readonly Verdict[] {
  const uses = usesOf(one);
  const changed = [...base.outputs]
    .filter(([name, tree]) => head.outputs.get(name) !== tree)
    .map(([name]) => name);
  const fresh = [...head.outputs.keys()].filter((name) => !base.outputs.has(name));
  const verdicts = changed.map((name): Verdict => {
    const shown = name.startsWith('{') ? 'an output' : `the output ${name}`;
    if (uses.key.has(name)) {
      return verdict(
        'identity-changing',
        `${shown} is part of the source key: rows loaded before are not recognised, and references to them are missing`,
        'identity',
      );
    }
    if (uses.skip.has(name)) return leavesOut(`${shown} decides what is skipped`, one);
    if (one.isReferredBy(name)) {
      return verdict(
        'identity-changing',
        `other mappings refer to rows by ${shown}: they lead elsewhere`,
        'identity',
      );
    }
    if (uses.all || uses.columns.has(name)) {
      return verdict(
        're-transform',
        `${shown} gives another value: a run of this mapping corrects rows already loaded`,
        'value',
      );
    }
    return verdict('cosmetic', `${shown} is used by nothing`);
  });
  if (fresh.length === 0) return verdicts;
  const added = uses.all
    ? verdict(
        're-transform',
        `new outputs go into the target by "*" or source: row: a run of this mapping fills them in`,
        'value',
      )
    : verdict('cosmetic', `a new output changes nothing by itself`);
  return [...verdicts, added];
}

function fromVerdicts(one: Judged, base: QueryParts, head: QueryParts): readonly Verdict[] {
  const [before, after] = [JSON.stringify(base.from), JSON.stringify(head.from)];
  if (before === after) return [];
  const grows = (from: QueryParts['from'], other: string): boolean =>
    from.length === 1 && spine(from[0]).includes(other);
  const isLeft = grows(head.from, before) || grows(base.from, after);
  return isLeft
    ? [
        verdict(
          're-transform',
          'a left join comes or goes: values may differ, and rows may come several times',
          'value',
        ),
      ]
    : [leavesOut('rows come from other tables or by another join: some may be read no more', one)];
}

/** What is left of a from item when its left joins are taken off one by one. */
function spine(item: unknown): readonly string[] {
  const join =
    typeof item === 'object' && item !== null && 'JoinExpr' in item
      ? (item.JoinExpr as Record<string, unknown>)
      : null;
  if (join?.['jointype'] !== 'JOIN_LEFT') return [];
  return [JSON.stringify([join['larg']]), ...spine(join['larg'])];
}

function conditionVerdicts(one: Judged, base: QueryParts, head: QueryParts): readonly Verdict[] {
  const added = head.conditions.filter((condition) => !base.conditions.includes(condition));
  const gone = base.conditions.filter((condition) => !head.conditions.includes(condition));
  if (added.length > 0)
    return [leavesOut('a condition of the query is new or another one: rows may be read no more', one)];
  return gone.length > 0 ? [takesIn('rows that a condition of the query left out')] : [];
}

interface Uses {
  readonly key: ReadonlySet<string>;
  readonly skip: ReadonlySet<string>;
  readonly columns: ReadonlySet<string>;
  /** Every source column goes into the target. */
  readonly all: boolean;
}

/** What a mapping does with the columns of its source. */
function usesOf({ base, head, sql }: Judged): Uses {
  const both = [base, head].flatMap((one) => one ?? []);
  const origins = both.flatMap(({ columns }) => columns.flatMap(({ origin }) => flat(origin)));
  const texts = [
    ...origins.flatMap((origin) => (origin.kind === 'sql' ? [origin.sql.value] : [])),
    ...both.flatMap(({ rules }) =>
      rules.flatMap(({ test }) => (test.kind === 'sql' ? [test.sql.value] : [])),
    ),
  ];
  const resolvers = both.flatMap(({ columns }) => columns.map(({ resolver }) => resolver));
  return {
    key: new Set(both.flatMap(({ source }) => source.key.map(({ value }) => value))),
    skip: new Set(
      both.flatMap(({ source }) => source.skipWhen.flatMap((skip) => [...sql.columns(skip.sql.value)])),
    ),
    columns: new Set([
      ...origins.flatMap((origin) =>
        origin.kind === 'source' ? origin.columns.map(({ value }) => value) : [],
      ),
      ...texts.flatMap((text) => [...sql.columns(text)]),
      ...both.flatMap(({ source }) => (source.changedAt === null ? [] : [source.changedAt.column.value])),
      ...both.flatMap(({ source }) =>
        source.duplicates.kind === 'keep' ? [source.duplicates.by.value] : [],
      ),
      ...resolvers.flatMap((one) =>
        one?.kind === 'references' && one.switch !== null ? [one.switch.value] : [],
      ),
    ]),
    all:
      both.some(({ sameName }) => sameName !== null) ||
      origins.some((origin) => origin.kind === 'row' && origin.what === 'row'),
  };
}

/** An origin and all within it. */
function flat(origin: Origin): readonly Origin[] {
  if (origin.kind === 'object') return origin.entries.flatMap((entry) => flat(entry.origin));
  return origin.kind === 'array' ? origin.items.flatMap(flat) : [origin];
}
