/** JSON.parse decides alone: what it makes of the text is thrown away, since it loses digits. */
export function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
