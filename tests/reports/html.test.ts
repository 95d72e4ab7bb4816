import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../engine/contract/result.js';
import { htmlReport } from '../../reports/html.js';
import { cleanRun, exceptionsRun, failedRun, filledWith, reportFor, runResult } from './results.js';

const page = async (run: RunResult): Promise<string> => (await htmlReport.render(reportFor(run))).output;

/** The document's tags with the names of their attributes: what a browser would build, without any data. */
function skeleton(source: string): string {
  const tags = source.match(/<[^>]*>/g) ?? [];
  return tags.map((tag) => tag.replace(/="[^"]*"/g, '').replace(/\s+/g, ' ')).join('\n');
}

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  `' onmouseover='alert(1)`,
  '</style></title></textarea><svg onload=alert(1)>',
  '&lt;script&gt; &amp;',
  '<!-- ',
  ']]>',
  '`${1}`',
  '__proto__',
  '\u0000\u0008\u202e',
];

describe('the HTML report', () => {
  it.each(HOSTILE)('prints %j in every field as text', async (text) => {
    const source = await page(filledWith(text));
    expect(skeleton(source)).toBe(skeleton(await page(filledWith('harmless'))));
    expect(source).not.toMatch(/<script|<img|[\u0000\u0008\u202e]/);
  });

  it('builds the same document whatever the texts are', async () => {
    const wanted = skeleton(await page(filledWith('harmless')));
    const letter = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '/',
      '=',
      ' ',
      '!',
      '-',
      'a',
      '\n',
      '\u0000',
      '`',
      '日',
    );
    const texts = fc.array(letter, { minLength: 1, maxLength: 12 }).map((letters) => `x${letters.join('')}`);
    // With an x before it no text is the name of a rule, for which there is advice of its own.
    const anything = fc.string({ minLength: 1, unit: 'binary' }).map((text) => `x${text}`);
    await fc.assert(
      fc.asyncProperty(fc.oneof(texts, anything), async (text) => {
        expect(skeleton(await page(filledWith(text)))).toBe(wanted);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['clean', cleanRun()],
    ['with exceptions', exceptionsRun()],
    ['failed', failedRun()],
    ['empty', runResult([])],
  ])('is one file that loads nothing and is well formed: %s', async (_case, run) => {
    const source = await page(run);
    expect(source.startsWith('<!doctype html>')).toBe(true);
    expect(source).not.toMatch(
      /<(script|link|img|iframe|object|form)\b|\b(src|srcset|style|on\w+)="|url\(|@import/i,
    );
    expect(source.match(/href="[^#]/g)).toBeNull();
    expect(unbalanced(source)).toEqual([]);
  });

  it('allows its own style sheet by hash, and nothing else', async () => {
    const source = await page(cleanRun());
    const style = /<style>([\s\S]*)<\/style>/.exec(source)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = /Content-Security-Policy"\s+content="([^"]*)"/.exec(source)?.[1] ?? '';
    expect(style.length).toBeGreaterThan(1000);
    expect(policy.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
  });

  it.each([
    ['the verdict', '<h1>GO WITH EXCEPTIONS</h1>'],
    ['the total read', '1,249,118'],
    ['money to the cent', '2,914,470.25'],
    ['bounds as they are', '2009-03-01 … 2026-11-20'],
    ['the line that decided', 'mappings/business/tasks.yaml:24'],
    ['what to do', 'what to do with values that nobody listed'],
    ['an SQLSTATE', 'SQLSTATE 23514'],
    ['a skipped condition', 'soft-deleted'],
    ['a warning', 'price is not negative'],
    ['an unmapped column', 'old_chart_number'],
    ['a defaulted column', 'created_by'],
    ['a second pass', 'tasks (212,040 rows)'],
    ['the hash', '9f2c4e1b7a60d3585c1be0aa4f7cd2913e84b5f6a2d17c09e3b8f4d65a1c7e20'],
    ['the operator', 'm.keller@build-7'],
    ['a place to sign', 'Approved by'],
  ])('shows %s', async (_what, wanted) => {
    expect(await page(exceptionsRun())).toContain(wanted);
  });

  it('keeps a bar of the time chart for each mapping that ran', async () => {
    const bars = (source: string): number =>
      (/<section id="time"[\s\S]*?<\/section>/.exec(source)?.[0] ?? '').match(/<rect\b/g)?.length ?? 0;
    expect(bars(await page(exceptionsRun()))).toBe(10);
    expect(bars(await page(failedRun()))).toBe(3);
  });
});

/** Tags that are opened and not closed, or the other way round. */
function unbalanced(source: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name = '', rest = ''] of source.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
    if (['meta', 'br', 'line', 'rect', 'path'].includes(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name + rest);
  }
  return [...wrong, ...open];
}
