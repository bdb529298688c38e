import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { checkDistillations } from '#audit/check-distillations.js';
import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { decodeResults } from '#evaluation/domain/item-results.js';
import { ArtifactGone } from '#ledger/artifacts.js';
import { outcomeDigest, sha256 } from '#ledger/digest.js';
import { collect } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { loadNative } from '#trainer/native.js';
import { Child } from './child-process.js';
import { temporaryFolder, type, type Ended } from './command-line.js';
import { lookInto, recordsIn } from './prepared-run.js';
import { tinyDistillation as file } from './tiny-distillation.js';

const run = promisify(execFile);
const folder = temporaryFolder();
const STREAM = 'distillation-tiny';

const asked = (data: string, ...words: readonly string[]): Promise<Ended> => type(['--data', data, ...words]);
/** Waits for the event in a folder that its writer may be about to make. */
const untilWritten = async (data: string, event: string): Promise<void> => {
  for (;;) {
    const records = existsSync(`${data}/log`) ? await recordsIn(data, STREAM).catch(() => []) : [];
    if (records.at(-1)?.type === event) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
const digests = async (data: string): Promise<readonly string[]> => (await recordsIn(data, STREAM)).map(outcomeDigest);

let [whole, path] = ['', ''];
let said: Ended;

beforeAll(async () => {
  [whole, path] = [folder.path('whole'), folder.path('tiny.yaml')];
  await writeFile(path, JSON.stringify(file));
  said = await asked(whole, '--json', 'distillation', 'run', path);
  expect(said.code).toBe(0);
}, 300_000);

it('trains teacher and students, and keeps alignment and transfer apart', async () => {
  const events = (await recordsIn(whole, STREAM)).map(({ type: each, data }) => `${each} ${String(data['arm'] ?? '')}`);
  const ofArm = (arm: string): readonly string[] =>
    ['StudentTrained', 'AlignmentMeasured', 'TransferConcluded'].map((each) => `${each} ${arm}`);
  expect(events).toEqual(['DistillationStarted ', 'TracesCaptured ', ...['none', 'both', 'shuffled'].flatMap(ofArm)]);
  const { arms } = JSON.parse(said.stdout) as { arms: readonly { alignment: object; transfer: object }[] };
  for (const { alignment, transfer } of arms) {
    expect(Object.keys(alignment)).toEqual(expect.arrayContaining(['r2', 'relativeError', 'cka']));
    expect(JSON.stringify(transfer)).not.toMatch(/r2|cka|relativeError/);
  }
});

it('gives arms the same beginning and the same bytes to read, and other traces to the control alone', async () => {
  const records = await recordsIn(whole, STREAM);
  const trained = records.filter(({ type: each }) => each === 'StudentTrained').map(({ data }) => data);
  expect(new Set(trained.map(({ initial }) => initial)).size).toBe(1);
  expect(trained.map(({ tokens }) => tokens)).toEqual([12 * 8 * 64, 12 * 8 * 64, 12 * 8 * 64]);
  const artifacts = new FileArtifacts(`${whole}/artifacts`);
  const plans = await Promise.all(
    trained.map(async ({ plan }) => JSON.parse(new TextDecoder().decode(await artifacts.get(String(plan))))),
  );
  const { traces, shuffled } = records[1]?.data ?? {};
  expect(plans.map(({ distillation }) => distillation?.traces)).toEqual([undefined, traces, shuffled]);
  expect(new Set(plans.map(({ batches }) => batches)).size).toBe(1);
});

it('says of every answer what greedy decoding, byte after byte, really writes', async () => {
  const artifacts = new FileArtifacts(`${whole}/artifacts`);
  const native = loadNative();
  const records = await recordsIn(whole, STREAM);
  const items = decodeSequences(await artifacts.get(String(records[0]?.data['examination'])));
  for (const { data } of records.filter(({ type: each }) => each === 'TransferConcluded')) {
    const { results } = data['downstream'] as { results: string };
    const recorded = decodeResults(await artifacts.get(results)).items;
    const checkpoint = await artifacts.get(String(data['student']));
    const asking = items.flatMap((item, at) => (recorded[at]?.id.startsWith('block') ? [{ item, at }] : []));
    const written = asking.map(({ item }) => ({ ...item, tokens: item.tokens.slice() }));
    const answers = written.map((): number[] => []);
    for (let nth = 0; nth < 8; nth += 1) {
      const logits = await native.logits(checkpoint, encodeSequences(written), { threads: 2 });
      written.forEach(({ tokens, mask }, row) => {
        const place = mask.indexOf(1) + nth;
        if (mask[place] !== 1) return;
        const own = logits.subarray((row * 64 + place) * 256, (row * 64 + place + 1) * 256);
        const byte = own.indexOf(Math.max(...own));
        answers[row]?.push(byte);
        // What it wrote is what it reads next, whether it is right or not.
        if (place + 1 < tokens.length) tokens[place + 1] = byte;
      });
    }
    const exact = asking.map(({ item }, row) =>
      answers[row]?.every((byte, nth) => byte === item.targets[item.mask.indexOf(1) + nth]),
    );
    const claimed = asking.map(({ at }) => recorded[at]?.correct === recorded[at]?.scored);
    expect(claimed).toEqual(exact);
  }
}, 120_000);

it('is the same to the last outcome when it is killed after any step', async () => {
  const expected = await digests(whole);
  for (const last of ['DistillationStarted', 'TracesCaptured', 'StudentTrained', 'AlignmentMeasured']) {
    const data = folder.path(`killed at ${last}`);
    const child = Child.start(
      process.execPath,
      'bin/prometheus-ledger.mjs',
      '--data',
      data,
      'distillation',
      'run',
      path,
    );
    await untilWritten(data, last);
    await child.end('SIGKILL');
    expect(await asked(data, 'distillation', 'run', path)).toMatchObject({ code: 0 });
    expect(await digests(data)).toEqual(expected);
  }
}, 300_000);

it('comes out the same when it is trained again', async () => {
  const replayed = await asked(
    whole,
    '--json',
    '--threads',
    '1',
    '--isa',
    'reference',
    'distillation',
    'replay',
    'tiny',
  );
  expect(replayed.code).toBe(0);
  expect(JSON.parse(replayed.stdout)).toMatchObject({ equal: true, matched: 11, events: 11 });
}, 120_000);

describe('verify', () => {
  const logOf = async (change: (record: Record) => object | undefined = () => ({})): Promise<MemoryLog> => {
    const log = new MemoryLog();
    for (const record of await lookInto(whole, (from) => collect(from.readAll()))) {
      const changes = change(record);
      const { stream, revision: _revision, ...proposed } = record;
      if (changes) await log.append(stream, 'any', [{ ...proposed, ...changes }]);
    }
    return log;
  };
  const unlawful = async (change: (record: Record) => object | undefined): Promise<readonly string[]> => {
    const ports = { ledger: { log: await logOf(change) }, artifacts: new FileArtifacts(`${whole}/artifacts`) };
    return (await checkDistillations(ports)).unlawful.map(({ type: each, because }) => `${each}: ${because}`);
  };
  const changing =
    (of: string, change: (data: Record['data']) => object, arm = 'both') =>
    ({ type: each, data }: Record): object =>
      each === of && (data['arm'] ?? arm) === arm ? { data: { ...data, ...change(data) } } : {};

  it('reads on where a distillation does not begin with its beginning', async () => {
    const found = await unlawful(({ type: each }) => (each === 'DistillationStarted' ? undefined : {}));
    expect(found).toHaveLength(10);
    for (const line of found) expect(line).toMatch(/there is no such distillation/);
  });

  it('decides all of it again', async () => {
    expect(await unlawful(() => ({}))).toEqual([]);
    expect(JSON.parse((await asked(whole, '--json', 'verify')).stdout)).toMatchObject({
      ok: true,
      verdicts: { approvals: { checked: 11, unlawful: [] } },
    });
  });

  const other = sha256('other');
  it.each([
    ['other sequences', changing('DistillationStarted', () => ({ traced: other })), /traced/],
    [
      'a better teacher',
      changing('TracesCaptured', ({ downstream }) => ({ downstream: { ...(downstream as object), exactMean: 1 } })),
      /downstream/,
    ],
    [
      'traces of other sequences',
      changing('TracesCaptured', ({ alignmentTraces }) => ({ traces: alignmentTraces })),
      /TracesCaptured: traces \w+ are of another model or of other sequences/,
    ],
    [
      'a control whose traces are in their place',
      changing('TracesCaptured', ({ traces }) => ({ shuffled: traces })),
      /TracesCaptured: the rules write it otherwise, in shuffled/,
    ],
    [
      'alignment with other traces',
      changing('TracesCaptured', ({ traces }) => ({ alignmentTraces: traces })),
      /TracesCaptured: traces \w+ are of another model or of other sequences/,
    ],
    ['a student of another receipt', changing('StudentTrained', () => ({ student: other })), /receipt is of/],
    ['another loss', changing('StudentTrained', () => ({ lossLastNats: 0.5 })), /lossLastNats/],
    ['a better alignment', changing('AlignmentMeasured', () => ({ r2: 0.99 })), /r2/],
    [
      'hidden states of another arm',
      (record: Record) => changing('AlignmentMeasured', () => ({ traces: String(record.data['student']) }))(record),
      /begin with PLTR0001/,
    ],
    [
      'a transfer that is none',
      changing('TransferConcluded', ({ comparisons }) => ({
        comparisons: (comparisons as object[]).map((one) => ({ ...one, outcome: 'superior', why: null })),
      })),
      /comparisons/,
    ],
    [
      'an arm that was never examined',
      ({ type: each, data }: Record) => (each === 'TransferConcluded' && data['arm'] === 'none' ? undefined : {}),
      /not what comes next/,
    ],
  ])('sees %s', async (_, change, message) => expect((await unlawful(change)).join('\n')).toMatch(message), 60_000);

  it('goes along in an export, which a stranger checks with its one file', async () => {
    const to = folder.path('export');
    expect(await asked(whole, 'export', '--to', to)).toMatchObject({ code: 0 });
    const { stdout } = await run(process.execPath, [`${to}/verify.mjs`, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [], shown: { verdicts: { approvals: 11 } } });
  }, 120_000);

  it('says what cannot be checked since it was erased', async () => {
    const data = folder.path('erased');
    await cp(whole, data, { recursive: true });
    const last = (await recordsIn(data, STREAM)).at(-1) as Record;
    const { results } = last.data['downstream'] as { results: string };
    expect(await asked(data, 'artifact', 'erase', results, '--reason', 'asked to')).toMatchObject({ code: 0 });
    const verified = await asked(data, 'verify');
    expect(verified).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/run tiny, TransferConcluded: artifact\s+\w+\s+was erased/),
    });
  }, 60_000);

  it('takes nothing for forged because the text was erased that it was drawn from', async () => {
    const log = await logOf();
    const [corpus] = (await collect(log.readAll())).filter(({ type: each }) => each === 'CorpusRegistered');
    const text = String(corpus?.data['text']);
    const artifacts = new FileArtifacts(`${whole}/artifacts`);
    const get = artifacts.get.bind(artifacts);
    artifacts.get = (hash) => (hash === text ? Promise.reject(new ArtifactGone('erased')) : get(hash));
    const found = await checkDistillations({ ledger: { log }, artifacts });
    expect(found.unlawful).toEqual([]);
    const ofItems = ['DistillationStarted', 'TracesCaptured', ...Array.from({ length: 3 }, () => 'TransferConcluded')];
    expect(found.erased.map(({ message }) => message.split(':')[0])).toEqual(ofItems);
  });
});

describe('bad input ends with one line and 2', () => {
  it.each([
    [
      'a layer that there is not',
      { layers: { teacher: 2, student: 1 } },
      /layers\.teacher: 2: the teacher has layers 0 to 1/,
    ],
    ['an unknown family', { families: ['beauty'] }, /families\.0: "beauty"/],
    ['an unknown corpus', { general: 'nothing' }, /general: "nothing": no corpus of this log/],
    ['a field that there is not', { student: { ...file.student, teacher: 1 } }, /student\.teacher: no such field/],
    ['too many to align on', { evaluation: { ...file.evaluation, alignment: 1_000 } }, /evaluation\.alignment: 1000/],
    ['a family that is not held out', { families: ['memorise'] }, /families\.0: .*"memorise" asks again/],
    ['too many documents', { evaluation: { documents: 5_000 } }, /at least 5000 are needed/],
  ])('%s', async (name, changes, message) => {
    const bad = folder.path('bad.yaml');
    await writeFile(bad, JSON.stringify({ ...file, ...changes }));
    const ended = await asked(folder.path(`bad ${name}`), 'distillation', 'run', bad);
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('other settings under the same name', async () => {
    const bad = folder.path('other.yaml');
    await writeFile(bad, JSON.stringify({ ...file, seed: 8 }));
    expect(await asked(whole, 'distillation', 'run', bad)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('began with other settings'),
    });
    expect(await readFile(bad, 'utf8')).toContain('"seed":8');
  });
});
