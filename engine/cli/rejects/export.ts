import { createWriteStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EXIT, EtlError } from '../../contract/errors.js';
import type { KeptReject } from '../../state/rejects.js';

const COLUMNS = [
  'run',
  'mapping',
  'key',
  'column',
  'rule',
  'sqlstate',
  'reason',
  'value',
  'file',
  'line',
  'row',
] as const;

/** Signs with which a spreadsheet begins a formula (OWASP, CSV injection); tab and return are skipped by some. */
const FORMULA = /^[=+\-@\t\r]/;

/** A cell by RFC 4180; one that a spreadsheet would carry out gets an apostrophe in front. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n']|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function* csv(rejects: AsyncIterable<KeptReject>): AsyncIterable<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  for await (const reject of rejects) yield `${COLUMNS.map((name) => cell(reject[name])).join(',')}\r\n`;
}

/** A reject as JSON; the row in its own text, so that its numbers keep all their digits. */
export const rejectJson = ({ row, ...reject }: KeptReject): string =>
  `${JSON.stringify(reject).slice(0, -1)},"row":${row ?? 'null'}}`;

async function* json(rejects: AsyncIterable<KeptReject>): AsyncIterable<string> {
  let before = '[\n';
  for await (const reject of rejects) {
    yield before + rejectJson(reject);
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

/**
 * Writes rejects as they come to a file of the project folder, or to stdout.
 * @param file absolute, as {@link exportFile} gives it; null for stdout
 */
export async function writeRejects(
  rejects: AsyncIterable<KeptReject>,
  format: 'csv' | 'json',
  file: string | null,
): Promise<void> {
  const lines = Readable.from(format === 'csv' ? csv(rejects) : json(rejects));
  if (file !== null) {
    await pipeline(lines, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    return;
  }
  await pipeline(lines, process.stdout, { end: false }).catch((error: unknown) => {
    // A reader that went away (`| head`) costs the rest of the text.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  });
}

/** Where an export goes: a new file in the project folder. @throws EtlError exit 2 for every other place */
export async function exportFile(folder: string, name: string, format: string): Promise<string> {
  const refuse = (what: string, help: string): EtlError =>
    new EtlError(`--out ${name}: ${what}`, { exitCode: EXIT.usage, help });
  if (path.extname(name) !== `.${format}`) {
    throw refuse(`the name does not end in .${format}`, `name a file like .etl/rejects.${format}`);
  }
  const root = await realpath(folder);
  const file = path.resolve(root, name);
  const parent = await realpath(path.dirname(file)).catch(() => null);
  if (parent === null) throw refuse('its folder is not there', 'make the folder first');
  const inside = path.relative(root, parent);
  if (inside === '..' || inside.startsWith(`..${path.sep}`) || path.isAbsolute(inside)) {
    throw refuse(
      'it lies outside the project folder',
      'exports hold rows: they stay with the project, or go to stdout',
    );
  }
  const place = path.join(parent, path.basename(file));
  if ((await stat(place).catch(() => null)) !== null)
    throw refuse('it is there already', 'take another name');
  return place;
}
