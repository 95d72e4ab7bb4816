import type { Json } from '../contract/value.js';

interface Form {
  readonly pattern: string;
  readonly test: RegExp;
}

/** Common forms of dates; the groups y, m and d must be possible ones. */
const DATES: readonly Form[] = [
  { pattern: 'YYYY-MM-DD', test: /^(?<y>\d{4})-(?<m>\d\d)-(?<d>\d\d)$/ },
  { pattern: 'YYYYMMDD', test: /^(?<y>\d{4})(?<m>\d\d)(?<d>\d\d)$/ },
  { pattern: 'DD.MM.YYYY', test: /^(?<d>\d\d)\.(?<m>\d\d)\.(?<y>\d{4})$/ },
  { pattern: 'D.M.YYYY', test: /^(?<d>\d\d?)\.(?<m>\d\d?)\.(?<y>\d{4})$/ },
  { pattern: 'MM/DD/YYYY', test: /^(?<m>\d\d)\/(?<d>\d\d)\/(?<y>\d{4})$/ },
  { pattern: 'DD/MM/YYYY', test: /^(?<d>\d\d)\/(?<m>\d\d)\/(?<y>\d{4})$/ },
  { pattern: 'M/D/YYYY', test: /^(?<m>\d\d?)\/(?<d>\d\d?)\/(?<y>\d{4})$/ },
  { pattern: 'D/M/YYYY', test: /^(?<d>\d\d?)\/(?<m>\d\d?)\/(?<y>\d{4})$/ },
  { pattern: 'DD-MM-YYYY', test: /^(?<d>\d\d)-(?<m>\d\d)-(?<y>\d{4})$/ },
  { pattern: 'YYYY/MM/DD', test: /^(?<y>\d{4})\/(?<m>\d\d)\/(?<d>\d\d)$/ },
];

const TIMES: readonly Form[] = [
  { pattern: ' HH:mm:ss', test: /^ \d\d:\d\d:\d\d$/ },
  { pattern: ' HH:mm', test: /^ \d\d:\d\d$/ },
  { pattern: 'THH:mm:ss', test: /^T\d\d:\d\d:\d\d$/ },
];

const WITH_TIME: readonly Form[] = DATES.flatMap((date) =>
  TIMES.map((time) => ({
    pattern: date.pattern + time.pattern,
    test: new RegExp(date.test.source.replace('$', '') + time.test.source.replace('^', '')),
  })),
);

export interface DateForm {
  /** Null where no form fits most of the values. */
  readonly pattern: string | null;
  /** Steps that take what stands for "none" away first. */
  readonly before: readonly Json[];
  readonly todo: readonly string[];
}

/** In which form texts hold dates. @param values some of them @param time whether a time of day may follow */
export function datePattern(values: readonly string[], time: boolean): DateForm {
  const isZero = (value: string): boolean => value.startsWith('0000-00-00');
  const before = [
    ...(values.includes('') ? ['empty_to_null'] : []),
    ...(values.some(isZero) ? ['zero_date_to_null'] : []),
  ];
  const told = values.filter((value) => value !== '' && !isZero(value));
  const forms = time ? [...DATES, ...WITH_TIME] : DATES;
  const counts = forms
    .map(({ pattern, test }) => ({ pattern, count: told.filter((value) => holds(test, value)).length }))
    .sort((a, b) => b.count - a.count);
  const [best] = counts;
  if (best === undefined || best.count === 0 || best.count < 0.6 * told.length) {
    return { pattern: null, before, todo: ['in which form are the dates written?'] };
  }
  const isOpen = counts.some(({ pattern, count }) => count === best.count && isTwin(best.pattern, pattern));
  return {
    pattern: best.pattern,
    before,
    todo: [
      ...(best.count < told.length ? ['not all values seen are of this form'] : []),
      ...(isOpen ? ['or day first? The values seen do not tell'] : []),
    ],
  };
}

/** Whether two patterns differ in the order of day and month alone. */
const isTwin = (a: string, b: string): boolean =>
  a.replace(/[DM]+/g, '') === b.replace(/[DM]+/g, '') && isDayFirst(a) !== isDayFirst(b);

const isDayFirst = (pattern: string): boolean => pattern.indexOf('D') < pattern.indexOf('M');

function holds(test: RegExp, value: string): boolean {
  const groups = test.exec(value)?.groups;
  if (groups === undefined) return false;
  const { y, m, d } = groups;
  const within = (text: string | undefined, least: number, most: number): boolean =>
    Number(text) >= least && Number(text) <= most;
  return within(m, 1, 12) && within(d, 1, 31) && within(y, 1000, 2999);
}
