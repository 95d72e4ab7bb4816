import type { RuleDefinition } from '../engine/contract/rule.js';
import { acceptedValues } from './accepted-values.js';
import { compare } from './compare.js';
import { length } from './length.js';
import { notNull } from './not-null.js';
import { range } from './range.js';

/** Every row rule by its name, in the order of the reference. */
export const RULES: ReadonlyMap<string, RuleDefinition> = new Map(
  [notNull, acceptedValues, range, length, compare].map((rule) => [rule.name, rule]),
);
