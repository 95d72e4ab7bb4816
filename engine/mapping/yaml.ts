import { Composer, Lexer, LineCounter, Parser } from 'yaml';
import type { CST, Document } from 'yaml';
import { Places } from './places.js';
import { errorAt } from './report.js';
import type { Report } from './report.js';
import { TreeBuilder } from './tree-builder.js';
import type { Node } from './tree.js';

/** Bytes of a YAML file at the most. */
export const FILE_LIMIT = 256 * 1024;
/** Levels of nesting: far above any mapping, far below where yaml's recursion ends the process (measured). */
const DEPTH_LIMIT = 64;

/**
 * Parses YAML 1.2 core into a positioned tree. Everything wrong is reported; gives null where the file has
 * no readable root. Hostile input (depth, alias bombs, foreign tags) is refused, not expanded.
 */
export function parseYaml(file: string, text: string, report: Report): Node | null {
  const lines = new LineCounter();
  const places = new Places(file, text, lines);
  const tokens = tokenize(text, lines);
  if (!Array.isArray(tokens)) {
    const at = places.span(tokens.tooDeepAt, tokens.tooDeepAt + 1);
    report(errorAt('ETL-YAML-005', at, `more than ${String(DEPTH_LIMIT)} levels deep`));
    return null;
  }
  const [document, second] = compose(tokens, text, lines);
  if (document === undefined) return null;
  if (second !== undefined) {
    const at = places.span(second.range[0], second.range[1]);
    report(errorAt('ETL-YAML-001', at, 'a second document begins here; a file holds one'));
  }
  if (!reportErrors(document, places, report)) return null;
  const builder = new TreeBuilder(places, report);
  const root = builder.build(document.contents, null);
  return builder.trusted ? root : null;
}

/** The file's tokens, or the offset where it nests too deeply: 200,000 brackets took 1 s to parse. */
function tokenize(text: string, lines: LineCounter): CST.Token[] | { readonly tooDeepAt: number } {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > DEPTH_LIMIT) return { tooDeepAt: parser.offset - lexeme.length };
  }
  tokens.push(...parser.end());
  return tokens;
}

function compose(tokens: readonly CST.Token[], text: string, lines: LineCounter): Document.Parsed[] {
  const composer = new Composer({
    lineCounter: lines,
    schema: 'core',
    // One key is compared with every other there: a map of 30,000 keys took 10 s. The tree builder checks.
    uniqueKeys: false,
    resolveKnownTags: false,
  });
  return [...composer.compose(tokens, true, text.length)];
}

/** False where the tree cannot be trusted. */
function reportErrors(document: Document.Parsed, places: Places, report: Report): boolean {
  for (const error of document.errors) {
    const message = error.message.charAt(0).toLowerCase() + error.message.slice(1);
    report(
      errorAt('ETL-YAML-001', places.visible(error.pos[0], error.pos[1]), message, { label: 'not YAML 1.2' }),
    );
  }
  for (const warning of document.warnings) {
    const written = places.slice(warning.pos[0], warning.pos[1]);
    const message = warning.code === 'TAG_RESOLVE_FAILED' ? `unknown tag "${written}"` : warning.message;
    const at = places.span(warning.pos[0], warning.pos[1]);
    report(errorAt('ETL-YAML-004', at, message, { help: 'leave the tag out; quotes make text' }));
  }
  const { yaml } = document.directives;
  if (yaml.explicit === true && yaml.version !== '1.2') {
    const at = places.span(0, 1);
    report(errorAt('ETL-YAML-004', at, `the file asks for YAML ${yaml.version}, but mappings are YAML 1.2`));
  }
  return document.errors.length === 0;
}
