// What axe-core finds wrong with a document: rules of WCAG 2.0 to 2.2 A and AA, and its best practices. Frames in it are looked at by
// themselves, as only our own are ours to mend.
import { createRequire } from 'node:module';
import type { FirefoxPage } from './firefox_page.js';
import type { Page } from './page.js';

const { source } = createRequire(import.meta.url)('axe-core') as { source: string };
const kTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export interface Found {
  violations: string[];
  passes: number;
}

const kIsThere = "typeof axe === 'object'";

export async function look(page: Page, of: string): Promise<Found> {
  if (!(await page.value<boolean>(kIsThere, of))) await page.value(`${source}; true`, of);
  return page.value<Found>(found(), of);
}

export async function lookInFirefox(page: FirefoxPage): Promise<Found> {
  if (!(await page.value<boolean>(kIsThere))) await page.run(source);
  return page.value<Found>(found());
}

function found(): string {
  const options = JSON.stringify({ runOnly: { type: 'tag', values: kTags }, iframes: false });
  return `axe.run(document, ${options}).then(({ violations, passes }) => ({
      violations: violations.map((it) => it.id + ': ' + it.nodes.map((node) => node.html.slice(0, 120) + ' ' + node.failureSummary).join(' | ')),
      passes: passes.length,
    }))`;
}
