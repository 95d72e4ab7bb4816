import { reportForm } from './form.js';
import type { Form } from './form.js';
import type { Shape } from './shape.js';

const SHAPE: Shape = { form: 'text', what: 'a date (2026-12-31)' };

/** A day of the calendar, `YYYY-MM-DD`. */
export const date: Form<string> = {
  shape: SHAPE,
  read: (node, place, reading) => {
    const text = node.kind === 'scalar' && node.scalar.type === 'string' ? node.scalar.text : '';
    if (isDay(text)) return text;
    reportForm(node, place, SHAPE, reading);
    return undefined;
  },
};

/** The 30th of February is none, although Date reads it as the 2nd of March. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
