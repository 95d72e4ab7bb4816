import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';

/** Debian's package; `.ci/run` installs it. */
export const hasChromium = existsSync(EXECUTABLE);

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** What a page has done that it must not: filled while it is used. */
export type Faults = string[];

/** Notes errors, what the content security policy refused, and requests that leave the origin. */
export function watch(page: Page, origin: string, faults: Faults): void {
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) faults.push(`request: ${url}`);
  });
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/**
 * What axe finds that is serious or critical, one line each; empty where all is well. `colours`: in a document that it has
 * looked at with the same layout, where only the colours are others.
 */
export async function axeFindings(page: Page, what: 'all' | 'colours'): Promise<readonly string[]> {
  if (await page.evaluate('!window.axe')) await page.evaluate(axe.source);
  const rules = what === 'all' ? '' : `, runOnly: ['color-contrast']`;
  const { violations } = await page.evaluate<{ readonly violations: readonly Violation[] }>(
    `axe.run(document, { resultTypes: ['violations'], elementRef: false, ancestry: false${rules} })`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`),
    );
}

/** Pixels by which the page is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>('document.scrollingElement.scrollWidth - document.documentElement.clientWidth');
