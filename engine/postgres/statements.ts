/** One token: comment, quoted text, quoted name, dollar-quoted text, word, semicolon, or one character. */
const TOKEN =
  /--[^\n]*|\/\*[^]*?\*\/|[eE]'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*'|'[^']*'|"[^"]*"|(\$(?:[A-Za-z_]\w*)?\$)[^]*?\1|[\w$]+|[^]/g;

/**
 * Splits the engine's own SQL at its semicolons, as the server does with a simple query of several statements; empty
 * ones are left out, for they are not answered.
 */
export function splitStatements(sql: string): readonly string[] {
  if (!sql.includes(';')) return sql.trim() === '' ? [] : [sql];
  const statements: string[] = [];
  let start = 0;
  const take = (end: number): void => {
    const statement = sql.slice(start, end).trim();
    if (statement !== '') statements.push(statement);
  };
  for (const { 0: token, index } of sql.matchAll(TOKEN)) {
    if (token !== ';') continue;
    take(index);
    start = index + 1;
  }
  take(sql.length);
  return statements;
}
