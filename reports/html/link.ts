import { html, type Html } from './template.js';

/** A line of a project's file, as a link to the file where the report knows the way. @param base see `ReportInput` */
export function link(
  { file, line }: { readonly file: string; readonly line: number },
  base: string | null,
): Html {
  const text = `${file}:${String(line)}`;
  if (base === null) return html`<code>${text}</code>`;
  const way = file.startsWith('/') ? `file://${encoded(file)}` : base + encoded(file);
  return html`<a href="${way}"><code>${text}</code></a>`;
}

const encoded = (path: string): string => path.toWellFormed().split('/').map(encodeURIComponent).join('/');
