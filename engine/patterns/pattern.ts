import { createRequire } from 'node:module';
import type { RE2JS, RE2JSException } from 're2js';

/** A regular expression of a mapping: RE2's syntax, time linear in the text whatever the expression. */
export interface Pattern {
  /** Capture groups, without the whole match. */
  readonly groups: number;
  /** Named groups: name → number. */
  readonly names: ReadonlyMap<string, number>;
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
  /** Replaces every match by what `make` gives for it; group 0 is the match, a group without part in it null. */
  replaceAll(text: string, make: (group: (n: number) => string | null) => string): string;
}

/** Why an expression cannot be used, in RE2's words. */
export class PatternError extends Error {}

const load = createRequire(import.meta.url);

interface Library {
  readonly RE2JS: typeof RE2JS;
  readonly RE2JSException: typeof RE2JSException;
}

/**
 * Compiles an expression. The library is loaded with the first one (75 ms, measured), so that a project without
 * expressions never waits for it. @throws PatternError
 */
export function compilePattern(expression: string): Pattern {
  const library = load('re2js') as Library;
  const compiled = compiledBy(library, expression);
  return {
    groups: compiled.groupCount(),
    names: new Map(Object.entries(compiled.namedGroups())),
    test: (text) => compiled.test(text),
    replaceAll: (text, make) => {
      if (!compiled.test(text)) return text;
      const matcher = compiled.matcher(text);
      let [made, from] = ['', 0];
      while (matcher.find()) {
        made += text.slice(from, matcher.start()) + make((n) => matcher.group(n));
        from = matcher.end();
      }
      return made + text.slice(from);
    },
  };
}

function compiledBy({ RE2JS: engine, RE2JSException: Wrong }: Library, expression: string): RE2JS {
  try {
    return engine.compile(expression);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    const reason = error.message.replace(/^error parsing regexp: /, '');
    throw new PatternError(hint(expression, reason), { cause: error });
  }
}

/** RE2 calls a look-behind a bad group name: those who come from Perl are told what is missing. */
function hint(expression: string, reason: string): string {
  if (/\(\?<?[=!]/.test(expression)) return `${reason}: look-ahead and look-behind are not supported`;
  if (/\\[1-9]/.test(expression)) return `${reason}: back references are not supported`;
  return reason;
}
