import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { versionOf } from './process.mjs';

/** Of an even number the mean of the two in the middle. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** `{ median, min, max }` of one figure of several runs; null where the runs do not have it. */
export function spread(runs, key) {
  const values = runs.map((run) => run?.[key]).filter((value) => value !== undefined);
  if (values.length === 0) return null;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

const digits = (value) => (value < 10 ? 2 : 1);

export const seconds = (value) => value.toFixed(digits(value));

export const ratio = (value) => value.toFixed(2);

/** `12.3 (11.9–13.0)` */
export const range = ({ median: middle, min, max }, shown = seconds) =>
  `${shown(middle)} (${shown(min)}–${shown(max)})`;

/** A Markdown table. */
export const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const commit = () => {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
    }).trim();
  } catch {
    return 'unknown';
  }
};

/** Where and when: a sentence for below a heading. @param postgres null where no server took part */
export function surroundings(postgres) {
  const parts = [
    ...(postgres === null ? [] : [`PostgreSQL ${postgres}`, `psql ${versionOf('psql') ?? 'not installed'}`]),
    `Node ${process.version}`,
    `Crosswalk ${commit()}`,
    `${cpus().length} × ${cpus()[0]?.model.trim() ?? '?'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `load of the machine ${loadavg()[0].toFixed(1)} at the end`,
    new Date().toISOString().slice(0, 10),
  ];
  return `${parts.join(', ')}.`;
}
