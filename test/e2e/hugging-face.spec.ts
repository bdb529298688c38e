import { jest } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { encodeSequences } from '#corpus/domain/plsq.js';
import { loadNative } from '#trainer/native.js';
import { smallRun, temporaryFolder, type } from './command-line.js';

const PEER = 'test/golden/hugging-face/peer.py';
const python = process.env['PYTHON'] ?? 'python3';
const isThere = spawnSync(python, ['-c', 'import torch, transformers'], { stdio: 'ignore' }).status === 0;
const cause = `${python} has no torch and transformers; name another in PYTHON`;

const folder = temporaryFolder();
jest.setTimeout(300_000);

const peer = (...words: readonly string[]) => promisify(execFile)(python, [PEER, ...words], { timeout: 240_000 });

/** Greatest difference of a logit on some bytes, and the greatest logit. */
const compare = async (weights: string, exported: string): Promise<Readonly<{ difference: number; most: number }>> => {
  const tokens = await readFile('test/golden/hugging-face/text');
  const targets = Buffer.concat([tokens.subarray(1), Buffer.from(' ')]);
  const sequences = encodeSequences([{ tokens, targets, mask: new Uint8Array(tokens.length).fill(1) }]);
  const here = await loadNative().logits(await readFile(weights), sequences);
  await peer('logits', exported, 'test/golden/hugging-face/text', folder.path('logits'));
  const there = await readFile(folder.path('logits'));
  const differences = Array.from(here, (value, at) => Math.abs(value - there.readFloatLE(4 * at)));
  return { difference: Math.max(...differences), most: Math.max(...here) };
};

const bothWays = async (): Promise<void> => {
  await peer('save', folder.path('theirs'), '3');
  await writeFile(folder.path('run.json'), JSON.stringify(smallRun()));
  const data = ['--data', folder.path('data')];
  const started = await type(['run', 'start', folder.path('run.json'), '--base', folder.path('theirs'), ...data]);
  expect(started).toMatchObject({ code: 0 });
  const exporting = ['checkpoint', 'export', 'small', '--to', folder.path('ours'), ...data];
  expect(await type(exporting)).toMatchObject({ code: 0, stderr: '' });
  const { difference, most } = await compare(folder.path('ours', 'model.safetensors'), folder.path('ours'));
  expect(most).toBeGreaterThan(0.5);
  expect(difference).toBeLessThan(1e-4);
};

const title = 'what transformers saved is trained on here, and what comes of it has the same logits there';
if (isThere) test(title, bothWays);
else test.skip(`${title} [skipped: ${cause}]`, bothWays);

test('weights that are another model than they seem are refused in one line', async () => {
  await writeFile(folder.path('run.json'), JSON.stringify(smallRun()));
  await writeFile(folder.path('config.json'), '{"model_type": "mamba2", "n_groups": 8}');
  await writeFile(folder.path('model.safetensors'), await readFile('test/golden/hugging-face/model.safetensors'));
  const data = ['--data', folder.path('refused')];
  const { code, stderr } = await type(['run', 'start', folder.path('run.json'), '--base', folder.path('.'), ...data]);
  expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, lines: 1 });
  expect(stderr).toMatch(/base\.checkpoint: .*: config\.json: n_groups is 8; only 1 is trained here/);
});
