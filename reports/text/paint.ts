const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;

export type Style = keyof typeof CODES;

/** Puts SGR codes around a text, or leaves it alone. */
export type Paint = (style: Style, text: string) => string;

/** The caller decides on `color`: NO_COLOR, TERM and terminals are its business. */
export function painter(color: boolean): Paint {
  if (!color) return (_style, text) => text;
  return (style, text) => {
    const [on, off] = CODES[style];
    return `\u001b[${String(on)}m${text}\u001b[${String(off)}m`;
  };
}
