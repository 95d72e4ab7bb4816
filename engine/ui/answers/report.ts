import type { Format } from '../../../reports/document.js';
import { HTML_POLICY } from '../../../reports/html.js';
import { FORMATS } from '../../../reports/index.js';
import type { Report } from '../../../reports/report.js';
import type { Desk } from '../desk.js';
import { Refused, type Reply } from '../reply.js';
import { readReport } from './run-line.js';

/** By the ending of what is asked for. */
const ENDINGS: Readonly<Record<string, string>> = {
  html: 'html',
  json: 'json',
  md: 'markdown',
  xml: 'junit',
};

/** Nothing in a report can act in the dashboard's origin: it has none of its own. */
const SANDBOX = "frame-ancestors 'none'; sandbox";

/** A report as a document. @param file `RUN.html`, `RUN.json`, … */
export async function answerReport(desk: Desk, file: string): Promise<Reply> {
  const [, run = '', ending = ''] = /^(.+)\.([a-z]+)$/.exec(file) ?? [];
  const format = FORMATS.find((one) => one.format === ENDINGS[ending]);
  if (format === undefined) throw new Refused(404, `a report is ${Object.keys(ENDINGS).join(', ')}`);
  const read = await desk.read((session, schema) => readReport(session, schema, desk.site, run));
  const report = read?.value ?? null;
  if (report === null) throw new Refused(404, `there is no run "${run}"`);
  if (report === 'under_way')
    throw new Refused(409, 'the run is still under way', 'its report is there when it ends');
  return rendered(report, format);
}

async function rendered(report: Report, { format, render }: Format): Promise<Reply> {
  const { output, mediaType } = await render(report);
  const policy = format === 'html' ? HTML_POLICY : "default-src 'none'";
  return { status: 200, type: mediaType, body: output, policy: `${policy}; ${SANDBOX}` };
}
