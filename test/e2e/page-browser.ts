import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const found = existsSync(CHROMIUM);

/** A test in headless Chromium; without it, skipped with the name of the package that is missing. */
export const inBrowser = (name: string, run: () => Promise<void>): void => {
  if (found) test(name, run);
  else test.skip(`${name} [skipped: Debian's package chromium is not installed]`, run);
};

/** What is only made where there is a browser to look at it. */
export const beforeBrowsing = (prepare: () => Promise<void>): void => {
  if (found) beforeAll(prepare);
};

let browser: Browser;
beforeBrowsing(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM });
});
afterAll(() => browser?.close());

const isRefusal = (text: string): boolean => text.startsWith('Failed to load resource');
/** A service that has just begun reads its log first, and is asked again by the page. */
const isPatience = (text: string): boolean => isRefusal(text) && text.includes('503');
/** Nothing is judged by its time; this only ends what hangs. */
const PATIENCE_MS = 120_000;

/**
 * Opens the page at a place, looks, and fails where it wrote an error to the console, threw, asked anybody but its service,
 * or broke its own content policy. `refused`: the service is to refuse something, which a browser calls an error.
 */
export const visit = async (
  url: string,
  place: string,
  look: (page: Page) => Promise<void>,
  { refused = false, ...options }: BrowserContextOptions & { refused?: boolean } = {},
): Promise<void> => {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  try {
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('console', (message) => {
      const text = message.text();
      if (['error', 'warning'].includes(message.type()) && !isPatience(text) && !(refused && isRefusal(text)))
        faults.push(text);
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) faults.push(`asked ${request.url()}`);
    });
    await page.goto(`${url}/${place}`);
    await look(page);
    expect(faults).toEqual([]);
  } finally {
    await context.close();
  }
};

/** Waits until nothing on the page is being loaded. The page's policy forbids the code that a wait for a function needs. */
export const settled = async (page: Page): Promise<void> => {
  await page.locator('h1').waitFor();
  while ((await page.locator('.loading').count()) > 0) await page.waitForTimeout(50);
};

/** Waits until a list has so many rows. */
export const untilRows = async (page: Page, count: number): Promise<void> => {
  while ((await page.locator('tbody tr').count()) !== count) await page.waitForTimeout(50);
};
