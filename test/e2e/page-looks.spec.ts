import { jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { smallRun, temporaryFolder } from './command-line.js';
import { beforeBrowsing, inBrowser, settled, visit } from './page-browser.js';
import { tellDistillationsIn } from './told-distillation.js';
import { tellExperimentIn } from './told-experiment.js';
import { ServiceProcess } from './service-process.js';

jest.setTimeout(240_000);
let service: ServiceProcess;
afterAll(() => service?.stop());
const folder = temporaryFolder();

beforeBrowsing(async () => {
  await tellDistillationsIn(folder.path('data'), folder.path('tiny.yaml'), 'drug');
  await tellExperimentIn(folder.path('data'));
  service = await ServiceProcess.start(folder.path('data'));
  await service.post('/v1/runs', smallRun());
  await service.until<{ status: string }>('/v1/runs/small', ({ body }) => body.status === 'completed');
});

const PLACES = [
  '#/runs',
  '#/runs/small',
  '#/runs/small/cycles/0',
  '#/runs/small/cycles/1',
  '#/experiments',
  '#/experiments/drug',
  '#/distillations',
  '#/distillations/tiny',
  '#/distillations/second',
  '#/log',
  '#/log/7',
  '#/words',
];
const OPEN_ALL = "document.querySelectorAll('details').forEach((each) => (each.open = true))";

const opened = async (page: Page): Promise<void> => {
  await settled(page);
  await page.evaluate(OPEN_ALL);
};

/** What a screen reader would stumble over. */
const STRUCTURE = `(() => {
  const all = (what) => [...document.querySelectorAll(what)];
  const named = (each) => each.getAttribute('aria-label') || each.labels?.length || each.innerText?.trim();
  const levels = all('h1, h2, h3, h4, h5').map((each) => Number(each.tagName[1]));
  return [
    ...(all('h1').length === 1 ? [] : ['there must be one h1']),
    ...levels.flatMap((level, at) => (level > (levels[at - 1] ?? 0) + 1 ? ['a heading level is left out: ' + level] : [])),
    ...all('button, a, input, select').filter((each) => !named(each)).map((each) => 'no name: ' + each.outerHTML),
    ...all('table').filter((each) => !each.caption).map(() => 'a table without a caption'),
    ...all('[role=img]').filter((each) => !each.ariaLabel).map(() => 'a picture without words'),
    ...all('figure').filter((each) => !each.querySelector('table')).map(() => 'a figure without its table'),
    ...all('[id]').map(({ id }) => id).filter((id, at, ids) => ids.indexOf(id) < at).map((id) => 'twice: ' + id),
  ];
})()`;

/** Texts with less contrast to what is behind them than WCAG AA asks for. */
const FAINT = `(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const shown = (colour) => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parse(colour)[3] !== 0 || !colour.startsWith('rgba')) return shown(colour);
    }
    return [255, 255, 255, 255];
  };
  const light = (rgb) => rgb.slice(0, 3)
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const faint = [];
  for (const element of document.querySelectorAll('main *, header *, footer *')) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('');
    if (text === '' || element.closest('svg, :disabled') || element.getClientRects().length === 0) continue;
    const [a, b] = [light(shown(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(text.slice(0, 40) + ': ' + ratio.toFixed(2));
  }
  return faint;
})()`;

describe('every view', () => {
  inBrowser('is built so that a screen reader finds its way', async () => {
    for (const place of PLACES)
      await visit(service.url, place, async (page) => {
        await opened(page);
        expect({ place, wrong: await page.evaluate(STRUCTURE) }).toEqual({ place, wrong: [] });
      });
  });

  inBrowser('can be read in light and in dark', async () => {
    const paper = new Set<unknown>();
    for (const colorScheme of ['light', 'dark'] as const)
      for (const place of PLACES)
        await visit(
          service.url,
          place,
          async (page) => {
            await opened(page);
            paper.add(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
            const faint = await page.evaluate(FAINT);
            expect({ place, colorScheme, faint }).toEqual({ place, colorScheme, faint: [] });
          },
          { colorScheme },
        );
    expect(paper.size).toBe(2);
  });

  inBrowser('fits a phone', async () => {
    for (const place of PLACES)
      await visit(
        service.url,
        place,
        async (page) => {
          await opened(page);
          const beyond = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          expect({ place, beyond }).toEqual({ place, beyond: 0 });
        },
        { viewport: { width: 360, height: 740 } },
      );
  });

  inBrowser('does not move while it is being loaded again', () =>
    visit(service.url, '#/runs/small', async (page) => {
      await settled(page);
      const height = await page.evaluate('document.documentElement.scrollHeight');
      await service.post('/v1/tokens', { name: 'somebody', roles: ['viewer'] });
      await page.waitForTimeout(800);
      expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(height);
    }),
  );
});

describe('by keyboard alone', () => {
  inBrowser('one gets past the top, into a run, and sees where one is', () =>
    visit(service.url, '', async (page) => {
      await settled(page);
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.innerText')).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.innerText')).toBe('small');
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Run small' }).waitFor();
      expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
    }),
  );

  inBrowser('a rule is opened and a verdict is judged', () =>
    visit(service.url, '#/runs/small/cycles/1', async (page) => {
      await settled(page);
      const rule = page.locator('#rule-weights-finite');
      await rule.locator('summary').focus();
      await page.keyboard.press('Enter');
      expect(await rule.getAttribute('open')).not.toBeNull();
      await page.getByRole('button', { name: 'Re-judge in this browser' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('This browser comes to').waitFor();
    }),
  );
});

describe('the colours', () => {
  inBrowser('chosen by hand outlive a visit', () =>
    visit(service.url, '', async (page) => {
      const paper = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');
      const light = await paper();
      await page.getByLabel('Colours').selectOption('dark');
      const dark = await paper();
      expect(dark).not.toBe(light);
      await page.reload();
      expect(await paper()).toBe(dark);
    }),
  );
});
