const GROUPS = new Intl.NumberFormat('en-US');

/** `1234567` → `1,234,567`. */
export function count(value: number): string {
  return GROUPS.format(value);
}

/** `1 row`, `1,204 rows`; `plural` where an s is not enough. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}
