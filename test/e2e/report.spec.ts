import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from '#doors/page.js';
import type { Problem } from '#doors/problem.js';
import { sha256 } from '#ledger/digest.js';
import type { ExperimentView } from '#report/experiment.view.js';
import type { ReportParts } from '#report/report.view.js';
import { temporaryFolder, type, type Ended } from './command-line.js';
import { recordsIn } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';
import { tellExperimentIn } from './told-experiment.js';

const folder = temporaryFolder();
let data: string;
beforeAll(async () => {
  data = folder.path('told');
  await tellExperimentIn(data);
}, 60_000);

const asked = (...words: readonly string[]): Promise<Ended> => type(['--data', data, 'experiment', ...words]);

/** Every file of a folder with its hash. */
const hashesIn = async (path: string): Promise<Readonly<Record<string, string>>> => {
  const names = (await readdir(path)).toSorted();
  const hashes = await Promise.all(names.map(async (name) => [name, sha256(await readFile(join(path, name)))]));
  return Object.fromEntries(hashes) as Record<string, string>;
};

describe('in a terminal', () => {
  it('is the same files every time, and records nothing unless asked to', async () => {
    const [one, two] = [folder.path('one'), folder.path('two')];
    const { code, stdout, stderr } = await asked('report', 'drug', '--to', one);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const hashes = await hashesIn(one);
    expect(Object.keys(hashes)).toEqual([
      'allocation.svg',
      'curve-capability.svg',
      'curve-general-bits-per-byte.svg',
      'dose-response.svg',
      'drug.html',
      'drug.md',
      'hypotheses.svg',
      'pareto.svg',
    ]);
    for (const hash of Object.values(hashes)) expect(stdout).toContain(hash);
    await asked('report', 'drug', '--to', two);
    expect(await hashesIn(two)).toEqual(hashes);
    expect((await recordsIn(data, 'experiment-drug')).map((record) => record.type)).not.toContain('ReportPublished');
  }, 120_000);

  it('is recorded once where it is published, with the files among the artifacts', async () => {
    const to = folder.path('published');
    const { code } = await asked('report', 'drug', '--publish', '--to', to);
    expect(code).toBe(0);
    await asked('report', 'drug', '--publish', '--to', to);
    const published = (await recordsIn(data, 'experiment-drug')).filter((record) => record.type === 'ReportPublished');
    const hashes = await hashesIn(to);
    expect(published).toHaveLength(1);
    expect(published[0]?.data).toMatchObject({ html: hashes['drug.html'], markdown: hashes['drug.md'] });
    for (const hash of Object.values(hashes))
      expect(existsSync(join(data, 'artifacts', hash.slice(0, 2), hash))).toBe(true);
  }, 120_000);

  it('is refused in one line for an experiment that there is not', async () => {
    const to = folder.path('untouched');
    const { code, stderr, stdout } = await asked('report', 'cure', '--to', to);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/experiment "cure" is not registered; there are: drug\n$/);
    expect(existsSync(to)).toBe(false);
  }, 60_000);
});

describe('at a service', () => {
  let service: ServiceProcess;
  beforeAll(async () => {
    service = await ServiceProcess.start(data, '--log-level', 'silent');
    await service.until('/v1/experiments', ({ status }) => status === 200);
  }, 120_000);
  afterAll(() => service?.stop());

  it('is the same bytes as in a terminal', async () => {
    const hashes = await hashesIn(folder.path('one'));
    for (const [format, file] of [
      ['html', 'drug.html'],
      ['markdown', 'drug.md'],
    ] as const) {
      const { text, headers } = await service.get(`/v1/experiments/drug/report?format=${format}`);
      expect(headers.get('content-type')).toBe(`text/${format}; charset=utf-8`);
      expect(sha256(Buffer.from(text, 'utf8'))).toBe(hashes[file]);
    }
    const parts = await service.get<ReportParts>('/v1/experiments/drug/report?format=json');
    expect(parts.body).toMatchObject({ experiment: 'drug', htmlSha256: hashes['drug.html'] });
  }, 60_000);

  it('lists every hypothesis with its outcome, as of any position', async () => {
    const { body } = await service.get<Page<ExperimentView>>('/v1/experiments');
    const [drug] = body.items;
    expect(drug?.hypotheses.map(({ outcome }) => outcome)).toEqual([
      'inconclusive',
      'inconclusive',
      'inferior',
      'inconclusive',
      'equivalent',
      'equivalent',
    ]);
    expect(drug).toMatchObject({ runsPlanned: 6, runsCompleted: 6, looksTaken: 1, version: 2 });
    expect((await service.get<ExperimentView>('/v1/experiments/drug')).body).toEqual(drug);
    const early = await service.get<ExperimentView>(`/v1/experiments/drug?asOf=${drug?.position}`);
    expect(early.body).toMatchObject({ runsBegun: 0, looksTaken: 0, version: 1, reports: [] });
    expect(early.body.hypotheses).toHaveLength(6);
    const none = await service.get<Page<ExperimentView>>('/v1/experiments?asOf=3');
    expect(none.body.items).toEqual([]);
  }, 60_000);

  it('answers a graph the same', async () => {
    const query = '{ experiment(name: "drug") { hypotheses { outcome negative } report { htmlSha256 asOf } } }';
    const { body } = await service.post<{ data: { experiment: ExperimentView & { report: ReportParts } } }>(
      '/graphql',
      {
        query,
      },
    );
    const { hypotheses, report } = body.data.experiment;
    expect(hypotheses.filter(({ negative }) => negative)).toHaveLength(2);
    expect(report.htmlSha256).toBe((await hashesIn(folder.path('one')))['drug.html']);
  }, 60_000);

  it.each([
    ['/v1/experiments/cure', 404, undefined],
    ['/v1/experiments/drug?asOf=3', 404, undefined],
    ['/v1/experiments/cure/report', 404, undefined],
    ['/v1/experiments/A%20b', 400, 'experiment'],
    ['/v1/experiments/drug/report?format=pdf', 400, 'format'],
    ['/v1/experiments/drug/report?asOf=999999', 400, 'asOf'],
    ['/v1/experiments?cursor=x', 400, 'cursor'],
  ])('%s is refused with %d', async (path, status, field) => {
    const answer = await service.get<Problem>(path);
    expect(answer.status).toBe(status);
    expect(answer.body.field).toBe(field);
  });
});
