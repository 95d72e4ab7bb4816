import { createHash } from 'node:crypto';
import { accountingSection } from './html/accounting.js';
import { checksSection } from './html/checks.js';
import { columnsSection } from './html/columns.js';
import { cover } from './html/cover.js';
import { differenceSection } from './html/difference.js';
import { exceptionsSection } from './html/exceptions.js';
import { graphSection } from './html/graph.js';
import { skippedSection, warningsSection } from './html/notices.js';
import { provenanceSection } from './html/provenance.js';
import { referencesSection } from './html/references.js';
import { rejectsSection } from './html/rejects.js';
import { signatureSection } from './html/signature.js';
import { STYLE } from './html/style.js';
import { html, trusted, type Html } from './html/template.js';
import { timelineSection } from './html/timeline.js';
import type { Format } from './document.js';
import { modesOf } from './mode.js';
import type { Report } from './report.js';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Nothing is loaded from anywhere and no script runs; the one style sheet is known by its hash. */
export const HTML_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;

const CONTENTS: readonly (readonly [id: string, title: string])[] = [
  ['accounting', 'Accounting'],
  ['rejects', 'Rejected rows'],
  ['exceptions', 'Exceptions'],
  ['difference', 'Difference'],
  ['references', 'References'],
  ['checks', 'Checks'],
  ['skipped', 'Skipped rows'],
  ['warnings', 'Warnings'],
  ['columns', 'Columns'],
  ['graph', 'Dependencies'],
  ['time', 'Time'],
  ['provenance', 'Provenance'],
  ['signature', 'Signature'],
];

/** The report to read, print and sign: one file, without script, that opens offline. */
export const htmlReport: Format = {
  format: 'html',
  render: async (report) => ({
    output: (await page(report)).text,
    mediaType: 'text/html; charset=utf-8',
    extension: 'html',
  }),
};

async function page(report: Report): Promise<Html> {
  const { result, verdict } = report;
  const names = [...modesOf(result).map(({ name }) => name), verdict.name];
  const head = html`<meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${HTML_POLICY}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${names.join(', ')}: ${result.project}, run ${result.run}</title>
    ${trusted(`<style>${STYLE}</style>`)}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        ${head}
      </head>
      <body>
        <main>
          ${cover(report)}
          <nav aria-label="Contents">
            ${CONTENTS.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}
          </nav>
          ${accountingSection(result)} ${rejectsSection(report)} ${exceptionsSection(report)}
          ${differenceSection(report)} ${referencesSection(result)} ${checksSection(result)}
          ${skippedSection(result)} ${warningsSection(result)} ${columnsSection(result)}
          ${await graphSection(report)} ${timelineSection(report)} ${provenanceSection(result)}
          ${signatureSection(report)}
        </main>
      </body>
    </html> `;
}
