import type { RuleDefinition } from '../engine/contract/rule.js';
import { acceptedValues } from './accepted-values.js';
import { compare } from './compare.js';
import { length } from './length.js';
import { notNull } from './not-null.js';
import { pattern } from './pattern.js';
import { range } from './range.js';
import { unique } from './unique.js';

/** Every row rule by its name, in the order of the reference. */
export const RULES: ReadonlyMap<string, RuleDefinition> = new Map(
  [notNull, acceptedValues, range, length, pattern, compare, unique].map((rule) => [rule.name, rule]),
);
