import { jest } from '@jest/globals';
import { smallRun, temporaryFolder } from './command-line.js';
import { inBrowser, visit } from './page-browser.js';
import { ServiceProcess } from './service-process.js';

jest.setTimeout(240_000);
let service: ServiceProcess | undefined;
afterEach(async () => {
  await service?.stop();
  service = undefined;
});
const folder = temporaryFolder();

inBrowser('an empty service says how to begin; a run that is started comes up and is followed by itself', async () => {
  const { url } = (service = await ServiceProcess.start(folder.path('live')));
  await visit(url, '', async (page) => {
    await page.getByText('There is no run yet').waitFor();
    // So long that it is still trained when the page has come to it, on whatever machine.
    await service?.post('/v1/runs', smallRun({ run: 'long', base: { steps: 30_000, batch: 8 } }));
    await page.getByRole('link', { name: 'long' }).click();
    await page
      .locator('.progress')
      .getByText(/^Base: training, step [\d,]+ of 30,000/)
      .last()
      .waitFor();
    expect((await service?.post('/v1/runs/long/halt', { reason: 'seen' }))?.status).toBe(200);
    await page.getByText('It was halted: seen.').waitFor();
    await service?.post('/v1/runs', smallRun({ cycles: 3, base: { steps: 3000, batch: 8 } }));
    await page.goto(`${url}/#/`);
    await page.getByRole('link', { name: 'small' }).click();
    await page.getByRole('link', { name: 'Cycle 1', exact: true }).waitFor();
    await page.getByText('All 3 cycles are closed').waitFor();
    expect(await page.locator('.timeline li').count()).toBe(4);
  });
});

inBrowser('while a run goes on, its verdicts cannot be judged elsewhere, and the page says why', async () => {
  const { url } = (service = await ServiceProcess.start(folder.path('open')));
  expect((await service.post('/v1/runs', smallRun({ cycles: 200 }))).status).toBe(201);
  await service.until('/v1/runs/small/cycles/1/verdict', ({ status }) => status === 200);
  await visit(url, '#/runs/small/cycles/1', async (page) => {
    await page.getByText('You can judge it again in this browser once the run is completed').waitFor();
    expect(await page.getByRole('button', { name: 'Re-judge in this browser' }).count()).toBe(0);
  });
});

inBrowser('a service that goes away is said to be away, and taken up again when it is back', async () => {
  const first = (service = await ServiceProcess.start(folder.path('gone')));
  const { port } = new URL(first.url);
  await visit(
    first.url,
    '',
    async (page) => {
      await page.getByText('Live', { exact: true }).waitFor();
      await first.kill();
      await page.getByText('it is asked again every few seconds').waitFor();
      await page.getByRole('link', { name: 'Log', exact: true }).click();
      await page.getByRole('alert').getByText('It may have been stopped').waitFor();
      service = await ServiceProcess.start(folder.path('gone'), '--port', port);
      await page.getByRole('button', { name: 'Ask now' }).click();
      await page.getByText('Live', { exact: true }).waitFor();
      await page.getByText('The log is empty').waitFor();
    },
    { refused: true },
  );
});

inBrowser('a service beyond this machine asks for a token, and takes one', async () => {
  service = await ServiceProcess.start(folder.path('beyond'), '--host', '0.0.0.0');
  const secret = await service.secret();
  const url = service.url.replace('0.0.0.0', '127.0.0.1');
  await visit(
    url,
    '',
    async (page) => {
      await page.getByRole('heading', { name: 'A token is needed' }).waitFor();
      await page.getByLabel('Token').fill(secret);
      await page.getByRole('button', { name: 'Use it' }).click();
      await page.getByText('There is no run yet').waitFor();
      await page.getByText('Live', { exact: true }).waitFor();
    },
    { refused: true },
  );
});
