import { jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { CycleView } from '#run/cycle.view.js';
import { smallRun, temporaryFolder } from './command-line.js';
import { beforeBrowsing, inBrowser, settled, untilRows, visit } from './page-browser.js';
import { ServiceProcess } from './service-process.js';

jest.setTimeout(240_000);
let service: ServiceProcess;
afterAll(() => service?.stop());
const folder = temporaryFolder();

beforeBrowsing(async () => {
  service = await ServiceProcess.start(folder.path('data'));
  await service.post('/v1/runs', smallRun());
  await service.until<{ status: string }>('/v1/runs/small', ({ body }) => body.status === 'completed');
});

/** Changes what the service answers, as somebody on the way could. */
const forge = (page: Page, path: string, change: (body: never) => unknown): Promise<unknown> =>
  page.route(path, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: change((await response.json()) as never) });
  });

const rejudged = async (page: Page): Promise<string> => {
  await settled(page);
  await page.getByRole('button', { name: 'Re-judge in this browser' }).click();
  const said = page.locator('section[aria-labelledby=again] [aria-live]');
  await said.getByText(/This browser comes to|could not be judged/).waitFor();
  return said.innerText();
};

describe('from the list of runs to the reason of a verdict', () => {
  inBrowser('every step is a link, and every rule says what it measured', () =>
    visit(service.url, '', async (page) => {
      await page.getByRole('link', { name: 'small' }).click();
      await page.getByRole('heading', { level: 1, name: 'Run small' }).waitFor();
      await settled(page);
      expect(await page.locator('main').innerText()).toContain('All 2 cycles are closed');
      expect(await page.locator('.chart svg').count()).toBeGreaterThan(4);
      await page.getByRole('link', { name: 'Cycle 1', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'Cycle 1' }).waitFor();
      await settled(page);
      const { body } = await service.get<{
        headline: string;
        summary: string;
        rules: { rule: string; sentence: string }[];
      }>('/v1/runs/small/cycles/1/verdict');
      expect(await page.locator('.lead').innerText()).toBe(body.headline);
      expect(await page.locator('.summary').innerText()).toBe(body.summary);
      expect(await page.locator('details.rule').count()).toBe(body.rules.length);
      for (const { rule, sentence } of body.rules)
        expect(await page.locator(`#rule-${rule} .finding`).textContent()).toBe(sentence);
      const capability = page.locator('#rule-capability-kept');
      await page.getByRole('link', { name: 'Capability kept' }).click();
      expect(await capability.getAttribute('open')).not.toBeNull();
      for (const word of ['Mean difference', '95% interval', 'Evidence for (e-value)', 'Read until decided'])
        expect(await capability.innerText()).toContain(word);
      await capability
        .getByRole('link', { name: /^record \d+$/ })
        .first()
        .click();
      await page.getByRole('heading', { level: 1, name: /^Record \d+$/ }).waitFor();
    }),
  );

  inBrowser('whether the evaluators worked, and whether the model knows what it does not know, has its figures', () =>
    visit(service.url, '#/runs/small/cycles/1', async (page) => {
      await settled(page);
      const { body } = await service.get<CycleView>('/v1/runs/small/cycles/1');
      const evaluators = page.locator('section[aria-labelledby=evaluators]');
      expect(await evaluators.innerText()).toContain('The evaluator native passed all 8 controls');
      await evaluators.getByText('Every control, with').click();
      expect(await evaluators.getByRole('row').count()).toBe(1 + (body.controls?.figures.length ?? 0));
      const calibration = page.locator('section[aria-labelledby=calibration]');
      const { candidate, anchor } = body.calibration ?? {};
      const brier = calibration.getByRole('row', { name: 'Brier score' });
      for (const figures of [candidate, anchor])
        expect(await brier.innerText()).toContain(String(Number(figures?.brier?.toPrecision(4))));
    }),
  );

  inBrowser('a control that failed is named first, and the void that follows from it', () =>
    visit(service.url, '', async (page) => {
      await forge(page, '**/v1/runs/small/cycles/1', (cycle: CycleView) => ({
        ...cycle,
        controls: {
          ...cycle.controls,
          held: 7,
          failed: ['null control (uniform): 2.77259 nats per byte, expected exactly 5.54518'],
          figures: cycle.controls?.figures.map((one) => (one.control === 'null' ? { ...one, held: false } : one)),
        },
        voids: [{ evaluator: 'native', cause: 'control', reason: 'null control (uniform)', position: 9 }],
        calibration: null,
      }));
      await page.goto(`${service.url}/#/runs/small/cycles/1`);
      await settled(page);
      const evaluators = page.locator('section[aria-labelledby=evaluators]');
      expect(await evaluators.getByRole('alert').innerText()).toContain('This evaluation is void');
      expect(await evaluators.innerText()).toContain('passed 7 of 8 controls');
      expect(await evaluators.innerText()).toContain('2.77259 nats per byte, expected exactly 5.54518');
      expect(await evaluators.getByRole('row').nth(1).innerText()).toMatch(/It counts the whole loss[^]*Failed/);
      expect(await page.locator('section[aria-labelledby=calibration]').count()).toBe(0);
    }),
  );

  inBrowser('the curves have the same numbers as a table', () =>
    visit(service.url, '#/runs/small', async (page) => {
      await settled(page);
      const figure = page.locator('figure', { hasText: 'Capability. Share of the target tasks' });
      await figure.getByText('The same as a table').click();
      expect(await figure.getByRole('row').count()).toBe(4);
    }),
  );

  inBrowser('what was live is told for a position of the log', () =>
    visit(service.url, '#/runs/small', async (page) => {
      await settled(page);
      const live = page.locator('section[aria-labelledby=live]');
      const { position } = (await service.get<{ position: number }>('/v1/runs/small')).body;
      expect(await live.innerText()).toContain('Live since');
      await live.getByLabel('Live at a').selectOption('position');
      await live.getByLabel('Position', { exact: true }).fill(String(position));
      await live.getByRole('button', { name: 'Look' }).click();
      await live.getByText(`Nothing of run small was live at position ${position}`).waitFor();
    }),
  );
});

describe('a verdict judged in the browser', () => {
  inBrowser('comes out as recorded, rule by rule', () =>
    visit(service.url, '#/runs/small/cycles/2', async (page) => {
      const said = await rejudged(page);
      expect(said).toContain('Same verdict');
      expect(said).toMatch(/All 17 findings agree with the record/);
      expect(said).toMatch(/Judging took \d+ ms/);
    }),
  );

  inBrowser('does not take results that are not those named in the log', () =>
    visit(service.url, '#/runs/small/cycles/1', async (page) => {
      await forge(page, '**/evidence', (bundle: { results: { text: string }[] }) => ({
        ...bundle,
        results: bundle.results.map(({ text, ...rest }) => ({
          ...rest,
          text: text.replace('"correct":1', '"correct":2'),
        })),
      }));
      expect(await rejudged(page)).toContain('The results that were sent are not those named');
    }),
  );

  inBrowser('comes out otherwise where the evidence is otherwise, and says which rule', () =>
    visit(service.url, '#/runs/small/cycles/1', async (page) => {
      await forge(page, '**/evidence', (bundle: { candidate: object }) => ({
        ...bundle,
        candidate: { ...bundle.candidate, finite: false },
      }));
      const said = await rejudged(page);
      expect(said).toContain('Another verdict');
      expect(said).toContain('2 of 17 findings differ');
      expect(said).toContain('A weight is not a finite number.');
    }),
  );
});

describe('the log', () => {
  inBrowser('is read page by page, and by stream and type', () =>
    visit(service.url, '#/log', async (page) => {
      await settled(page);
      const rows = page.locator('tbody tr');
      expect(await rows.count()).toBe(50);
      const [first] = (await rows.first().innerText()).split(/\s/);
      await page.getByRole('button', { name: 'Older' }).click();
      await rows
        .filter({ hasText: String(Number(first) - 50) })
        .first()
        .waitFor();
      await page.getByLabel('Type').fill('VerdictReached');
      await page.getByRole('button', { name: 'Show' }).click();
      await untilRows(page, 2);
      expect(await page.evaluate('location.hash')).toBe('#/log?type=VerdictReached');
      await page.getByLabel('Stream').fill('nobody');
      await page.keyboard.press('Enter');
      await page.getByText('No record matches').waitFor();
    }),
  );

  const recomputed = async (page: Page): Promise<string> => {
    await settled(page);
    await page.getByRole('button', { name: 'Recompute the hash' }).click();
    const said = page.locator('section[aria-labelledby=hash] [aria-live]');
    await said.getByText('Computed here').waitFor();
    return said.innerText();
  };

  inBrowser('has hashes that the browser computes too', () =>
    visit(service.url, '#/log/7', async (page) => {
      const { body } = await service.get<{ leafHash: string }>('/v1/log/7');
      const said = await recomputed(page);
      expect(said).toContain('The same hash');
      expect(said).toContain(body.leafHash);
    }),
  );

  inBrowser('is caught where a record is not what its hash was made of', () =>
    visit(service.url, '#/log/7', async (page) => {
      await forge(page, '**/v1/log/7', (record: { canonical: string }) => ({
        ...record,
        canonical: record.canonical.replace(/"revision":\d+/, '"revision":99'),
      }));
      await page.reload();
      expect(await recomputed(page)).toContain('Another hash');
    }),
  );
});

describe('what is not there', () => {
  inBrowser('a run: says so in the words of the service, and offers to try again', () =>
    visit(
      service.url,
      '#/runs/nobody',
      async (page) => {
        const failed = page.getByRole('alert');
        await failed.waitFor();
        expect(await failed.innerText()).toContain('run nobody: there is none in the log');
        await failed.getByRole('button', { name: 'Try again' }).click();
        await failed.getByRole('link', { name: 'All runs' }).click();
        await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      },
      { refused: true },
    ),
  );

  inBrowser('a place: leads back', () =>
    visit(service.url, '#/nowhere/at/all', async (page) => {
      await page.getByRole('heading', { name: 'Not here' }).waitFor();
      await page.getByRole('link', { name: 'All runs' }).click();
      await page.getByRole('link', { name: 'small' }).waitFor();
    }),
  );
});
