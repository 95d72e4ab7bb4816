import type { Hooks } from '../../contract/mapping.js';
import { oneOrMore, sql } from '../forms.js';
import { key, keys } from '../keys.js';
import type { ReadOf } from '../keys.js';

/** `hooks:` of a mapping; `around` says what they stand around. */
const hooksAround = (before: string, after: string) =>
  keys('hooks', {
    before: key(oneOrMore(sql), `SQL on the target before ${before}: one text, or a list.`),
    after: key(oneOrMore(sql), `SQL on the target after ${after}: one text, or a list.`),
  });

export const MAPPING_HOOKS = hooksAround(
  "the mapping's first batch",
  "the mapping's rows and second passes; whoever needs the mapping waits for it",
);

export const PROJECT_HOOKS = hooksAround(
  'everything else of a run',
  'everything else of a run, where all of it has succeeded',
);

/** Hooks with empty lists where nothing is said. */
export const normaliseHooks = (raw: ReadOf<typeof MAPPING_HOOKS> | undefined): Hooks => ({
  before: raw?.values.before ?? [],
  after: raw?.values.after ?? [],
});
