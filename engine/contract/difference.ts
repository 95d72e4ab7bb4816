import type { Difference } from './result.js';

const value = (text: string | null): string => (text === null ? 'null' : text === '' ? "''" : text);

/** A difference in words: `key 7, price: source 10.00, target 10.01`. */
export function differenceWords({ kind, key, column, source, target }: Difference): string {
  const where = column === null ? `key ${key}` : `key ${key}, ${column}`;
  switch (kind) {
    case 'changed':
      return `${where}: source ${value(source)}, target ${value(target)}`;
    case 'missing':
      return `${where}: missing in the target`;
    case 'refused':
      return `${where}: in the target, not loaded from the source`;
    case 'gone':
      return `${where}: in the target, gone from the source`;
    case 'added':
      return `${where}: in the target, made by nobody of the project`;
    case 'earlier':
      return `${where}: in the target before the project`;
    case 'broken':
      return `${where}: refers to ${value(target ?? source)}, which is not there`;
  }
}
