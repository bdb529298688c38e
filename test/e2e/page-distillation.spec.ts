import { jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { comparedText } from '#distillation/domain/wording.js';
import type { DistillationView } from '#distillation/distillation.view.js';
import { temporaryFolder } from './command-line.js';
import { beforeBrowsing, inBrowser, settled, visit } from './page-browser.js';
import { ServiceProcess } from './service-process.js';
import { tellDistillationsIn } from './told-distillation.js';
import { tellExperimentIn } from './told-experiment.js';

jest.setTimeout(240_000);
let service: ServiceProcess;
let tiny: DistillationView;
afterAll(() => service?.stop());
const folder = temporaryFolder();

beforeBrowsing(async () => {
  await tellDistillationsIn(folder.path('data'), folder.path('tiny.yaml'), 'drug');
  await tellExperimentIn(folder.path('data'));
  service = await ServiceProcess.start(folder.path('data'));
  tiny = (await service.get<DistillationView>('/v1/distillations/tiny')).body;
});

const rowOf = (page: Page, section: string, name: string): Promise<string> =>
  page
    .locator(`section[aria-labelledby=${section}]`)
    .getByRole('row', { name: new RegExp(`^${name}\\b`) })
    .innerText();
const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

inBrowser('a distillation is found in the list, with what it can do apart from how it is aligned', () =>
  visit(service.url, '', async (page) => {
    await page.getByRole('link', { name: 'Distillations' }).click();
    await page.getByRole('heading', { level: 1, name: 'Distillations' }).waitFor();
    await settled(page);
    expect(await page.getByRole('row', { name: /^second/ }).innerText()).toMatch(/Open\s+drug\s+7\s+0 of 3/);
    expect(await page.getByRole('row', { name: /^tiny/ }).innerText()).toMatch(/Completed\s+exploratory\s+7\s+3 of 3/);
    await page.getByRole('link', { name: 'tiny' }).click();
    await page.getByRole('heading', { level: 1, name: 'Distillation tiny' }).waitFor();
    await settled(page);
    for (const { arm, transfer, alignment } of tiny.arms) {
      const can = await rowOf(page, 'transfer', arm);
      for (const { exact, items } of transfer?.downstream.families ?? []) expect(can).toContain(percent(exact / items));
      expect(can).toContain(transfer?.downstream.generalBitsPerByte?.toFixed(3));
      const looks = await rowOf(page, 'alignment', arm);
      for (const figure of [alignment?.r2, alignment?.relativeError, alignment?.cka])
        expect(looks).toContain(figure?.toFixed(3));
    }
    expect(await rowOf(page, 'transfer', 'teacher')).toContain(percent(tiny.teacher?.downstream.exactMean ?? NaN));
    const transfer = await page.locator('section[aria-labelledby=transfer]').innerText();
    expect(transfer).not.toMatch(/R²|CKA/);
    for (const { transfer: found } of tiny.arms)
      for (const one of found?.comparisons ?? []) expect(transfer).toContain(comparedText(one));
    const alignment = page.locator('section[aria-labelledby=alignment]');
    expect(await alignment.innerText()).toContain('This is no sign of what a student can do');
    expect(await rowOf(page, 'arms', 'shuffled')).toContain('hidden states (weight 0.5) of other sequences');
  }),
);

inBrowser('one that is under way says how far every arm is', () =>
  visit(service.url, '#/distillations/second', async (page) => {
    await settled(page);
    expect(await rowOf(page, 'arms', 'none')).toContain('Aligned');
    expect(await rowOf(page, 'arms', 'both')).toContain('Waiting');
    await page.getByText('Not examined yet: none, both, shuffled.').waitFor();
    await page.getByRole('link', { name: 'drug' }).click();
    await page.getByRole('heading', { level: 1, name: 'Experiment drug' }).waitFor();
    await page.getByText('Its distillations').getByRole('link', { name: 'second' }).click();
    await page.getByRole('link', { name: 'Every record of this distillation' }).click();
    await page.locator('tbody tr').nth(3).waitFor();
    await page.locator('tbody tr').first().getByRole('link').first().click();
    await page.getByRole('link', { name: 'the distillation' }).click();
    await page.getByRole('heading', { level: 1, name: 'Distillation second' }).waitFor();
  }),
);

inBrowser('a list that is looked at is asked for again when something is recorded', () =>
  visit(service.url, '#/distillations', async (page) => {
    await settled(page);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.route('**/v1/distillations?*', async (route) => {
      const response = await route.fetch();
      const { items, ...rest } = (await response.json()) as { items: readonly DistillationView[] };
      await route.fulfill({ response, json: { ...rest, items: items.slice(1) } });
    });
    const token = await service.secret();
    expect((await service.post('/v1/tokens', { name: 'somebody', roles: ['viewer'] }, { token })).status).toBe(201);
    await page.getByText('1 distillation,').waitFor();
  }),
);

inBrowser('a teacher that has nothing to teach is said to have nothing to teach', () =>
  visit(service.url, '#/distillations', async (page) => {
    await settled(page);
    await page.route('**/v1/distillations/tiny', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...tiny, nothingToTeach: ['recall'] } });
    });
    await page.getByRole('link', { name: 'tiny' }).click();
    await page.getByText('no better than the student without one in recall: there it has nothing').waitFor();
  }),
);

inBrowser('one that there is not is said so in the words of the service, with a way to those there are', () =>
  visit(
    service.url,
    '#/distillations/nobody',
    async (page) => {
      const failed = page.getByRole('alert');
      await failed.getByText('distillation nobody: it has not begun').waitFor();
      await failed.getByRole('link', { name: 'All distillations' }).click();
      await page.getByRole('heading', { level: 1, name: 'Distillations' }).waitFor();
    },
    { refused: true },
  ),
);
