import { relative, sep } from 'node:path';

/** A path as shown to the user: relative within the working directory, else absolute; always with `/`. */
export function shownPath(absolute: string, cwd: string): string {
  const way = relative(cwd, absolute);
  const outside = way === '..' || way.startsWith(`..${sep}`);
  return (outside ? absolute : way || '.').split(sep).join('/');
}
