const NAME = 'crosswalk-theme';
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

/** As it was chosen in this browser; `auto` follows the system. */
export function theme(): Theme {
  const kept = stored();
  return THEMES.find((each) => each === kept) ?? 'auto';
}

/** Puts the chosen one on the page. */
export function applyTheme(): void {
  document.documentElement.setAttribute('data-theme', theme());
}

/** From auto to light to dark and round; kept for the next visit where the browser keeps anything. */
export function nextTheme(): Theme {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length] ?? 'auto';
  try {
    localStorage.setItem(NAME, next);
  } catch {
    // A browser that keeps nothing shows the system's.
  }
  applyTheme();
  return next;
}

function stored(): string | null {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}
