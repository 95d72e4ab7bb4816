const MOST_CHARACTERS = 80;

/** A value as a reason shows it: in double quotes, cut to 80 characters. */
export function quote(value: string): string {
  return `"${cut(value)}"`;
}

/** At most 80 characters, and an ellipsis where there were more. */
export function cut(value: string): string {
  if (value.length <= MOST_CHARACTERS) return value;
  const characters = Array.from(value.slice(0, 2 * MOST_CHARACTERS + 2));
  return characters.length <= MOST_CHARACTERS ? value : `${characters.slice(0, MOST_CHARACTERS).join('')}…`;
}
