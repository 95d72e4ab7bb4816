import { describe, expect, it } from 'vitest';
import { adviceOn } from '../../reports/advice.js';

describe('advice', () => {
  it.each([
    ['map', null, /unmapped:/],
    ['references', null, /missing:/],
    ['not_null(title)', null, /default/],
    ['tasks_price_positive', '23514', /check constraint/],
    ['not_null', '22001', /truncate/],
    ['database', '42P99', /its message names the cause/],
    ['a rule with a name of its own', null, /this line of the mapping/],
    ['__proto__', 'constructor', /its message names the cause/],
  ])('of %s (%s)', (rule, sqlstate, wanted) => {
    expect(adviceOn({ rule, sqlstate })).toMatch(wanted);
  });
});
