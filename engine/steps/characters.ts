/** The index in UTF-16 units behind the first `count` code points, or the end of a shorter text. */
export function indexAfter(value: string, count: number): number {
  let index = 0;
  for (let seen = 0; seen < count && index < value.length; seen++) index += width(value, index);
  return index;
}

/** Code points, as PostgreSQL's length() counts. A lone surrogate counts as one. */
export function countCharacters(value: string): number {
  let count = 0;
  for (let index = 0; index < value.length; index += width(value, index)) count++;
  return count;
}

/** True where a surrogate stands without its other half: no Unicode text, and no UTF-8 for it. */
export function hasLoneSurrogate(value: string): boolean {
  return /\p{Surrogate}/u.test(value);
}

function width(value: string, index: number): 1 | 2 {
  return (value.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}
