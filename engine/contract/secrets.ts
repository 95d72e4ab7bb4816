/** The passwords of connection URLs and strings in a line as stars, of the same length so that marks stay in place. */
export function maskSecrets(line: string): string {
  const stars = (all: string, before: string, secret: string): string =>
    `${before}${'*'.repeat(secret.length)}${all.slice(before.length + secret.length)}`;
  return line
    .replace(/(\w:\/\/[^\s:@/"']*:)([^\s"']*)@/g, stars)
    .replace(/(password\s*[=:]\s*["']?)([^\s"'&;,}]+)/gi, stars);
}
