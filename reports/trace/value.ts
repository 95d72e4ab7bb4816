import { visible } from '../format.js';
import { cells, cut } from '../text/width.js';
import type { Place } from '../../engine/contract/trace.js';

/** A value as a person reads it: bare where that is clear, in quotes where blanks, nothing or the word null stand there. */
export function shownValue(value: string | null, width = Infinity): string {
  if (value === null) return 'null';
  const isClear = value !== 'null' && value !== '' && value.trim() === value && !value.startsWith('"');
  const text = isClear ? visible(value) : `"${visible(value)}"`;
  return cells(text) > width ? cut(text, Math.max(8, width)) : text;
}

/** `tasks.yaml:26`: the file's own name, since its folder stands at the top. */
export const shownPlace = ({ file, line }: Place): string => `${visible(baseName(file))}:${String(line)}`;

const baseName = (file: string): string =>
  file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
