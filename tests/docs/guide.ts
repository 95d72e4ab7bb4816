/** One step of a guide, in the order of the page. */
export type Step =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'sql'; readonly database: 'source' | 'target'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly line: number;
      readonly text: string;
      readonly exit: number;
      /** What it prints has these lines, in this order; spaces and times apart. */
      readonly says: readonly string[];
    };

const FENCE = /^( *)```(\S+)(?: (\S+))?\n([\s\S]*?)^ *```$/gm;

/**
 * The fences of a page that are carried out: "```yaml PATH" writes a file, "```sql source" and "```sql target" run
 * there as the administrator, "```console" has commands behind "$ " (an exit code other than 0 behind "# exit ")
 * and lines of what they say. All else is to be read.
 */
export function stepsOf(page: string): readonly Step[] {
  return [...page.matchAll(FENCE)].flatMap((found): readonly Step[] => {
    const [, indent = '', language = '', word = '', body = ''] = found;
    const text = body.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    const line = page.slice(0, found.index).split('\n').length + 1;
    if (language === 'yaml' && word !== '') return [{ kind: 'file', path: word, text }];
    if (language === 'sql' && (word === 'source' || word === 'target'))
      return [{ kind: 'sql', database: word, text }];
    return language === 'console' ? commandsOf(text, line) : [];
  });
}

function commandsOf(text: string, first: number): readonly Step[] {
  const commands: { line: number; text: string; exit: number; says: string[] }[] = [];
  for (const [n, line] of text.trimEnd().split('\n').entries()) {
    const [, command, exit] = /^\$ (.*?)(?: +# exit (\d+))?$/.exec(line) ?? [];
    if (command !== undefined)
      commands.push({ line: first + n, text: command, exit: Number(exit ?? 0), says: [] });
    else if (line.trim() !== '') commands.at(-1)?.says.push(line);
  }
  return commands.map((one) => ({ kind: 'command', ...one }));
}

const bare = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** The first line that is wanted and does not come, after those before it; null where all come. */
export function missingLine(says: readonly string[], printed: string): string | null {
  const lines = printed.split('\n').map(bare);
  let at = 0;
  for (const wanted of says) {
    const found = lines.findIndex((line, n) => n >= at && line.includes(bare(wanted)));
    if (found < 0) return wanted;
    at = found + 1;
  }
  return null;
}
