import { readFileSync } from 'node:fs';

/** This package's version; the build lies one folder deeper than the sources. */
export function version(): string {
  for (const up of ['../../', '../../../']) {
    try {
      const text = readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8');
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version);
    } catch {
      // the other place, then
    }
  }
  return 'unknown';
}
