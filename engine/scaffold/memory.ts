/** What earlier calls have dealt with, so that what somebody has taken out since stays out. */
export interface Memory {
  /** By mapping, the target columns that it was offered. */
  readonly mappings: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The file in the project folder that keeps it; hidden, so that it is taken for no mapping. */
export const MEMORY_FILE = '.scaffold.json';

const NOTHING: Memory = { mappings: new Map() };

/** Reads the file's text. A text that is not ours counts as none. @param text null where there is no file */
export function readMemory(text: string | null): Memory {
  if (text === null) return NOTHING;
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return NOTHING;
  }
  const mappings = isMap(stored) && isMap(stored['mappings']) ? Object.entries(stored['mappings']) : [];
  const names = (list: unknown): readonly string[] =>
    Array.isArray(list) ? list.filter((name) => typeof name === 'string') : [];
  return { mappings: new Map(mappings.map(([name, list]) => [name, new Set(names(list))])) };
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const memoryText = ({ mappings }: Memory): string => {
  const sorted = [...mappings].sort(([a], [b]) => (a < b ? -1 : 1));
  const lists = Object.fromEntries(sorted.map(([name, columns]) => [name, [...columns]]));
  return `${JSON.stringify({ about: 'what etl scaffold has offered already; keep it with the mappings', version: 1, mappings: lists }, null, 2)}\n`;
};
