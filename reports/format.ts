import { count, counted } from '../engine/contract/counted.js';

export { count, counted };

/** Groups the digits of an exact decimal as text, never by way of a float; any other text stays as it is. */
export function decimal(text: string): string {
  const match = /^(-?)(\d+)(\.\d+)?$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = ''] = match;
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ',') + fraction;
}

/** `part` of `whole` in per cent, never rounded down to a `0%` that is not true; empty where `whole` is 0. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '';
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.01) return '<0.01%';
  if (part < whole && percent > 99.99) return '>99.99%';
  return `${String(Number(percent.toFixed(percent < 1 ? 2 : 1)))}%`;
}

/** Milliseconds → `320ms`, `4.2s`, `3m 04s`, `1h 02m`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${String(Math.round(ms))}ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))}m ${pad(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  return `${String(Math.floor(minutes / 60))}h ${pad(minutes % 60)}m`;
}

/** Bytes → `812 B`, `4.2 MB`; units of 1000. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  return `${power === 0 ? String(value) : scaled.toFixed(1)} ${units[power] ?? 'B'}`;
}

/** `2026-11-22 09:30:00 UTC`, the same on every machine. */
export function moment(date: Date): string {
  if (Number.isNaN(date.getTime())) return 'unknown time';
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `a, b, c and 4 more`: at most `limit` names. */
export function names(list: readonly string[], limit = 5): string {
  const shown = list.slice(0, limit).join(', ');
  return list.length > limit ? `${shown} and ${count(list.length - limit)} more` : shown;
}

/**
 * Row values are strangers' text: control characters (ESC, NUL, line ends) and bidirectional overrides become
 * visible escapes, so that no value can drive a terminal or reorder what a signer reads.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
