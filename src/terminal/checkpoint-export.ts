import { constants } from 'node:fs';
import { access, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Refused } from '#ledger/decider.js';
import { candidateIn } from '#run/domain/cycle.js';
import type { Started } from '#run/domain/run.js';
import { findRun } from '#run/find-run.js';
import { makeFolder } from '#store/make-folder.js';
import { huggingFaceConfig } from '#trainer/hugging-face.js';
import { cycleNumber, findCycle } from './cycle-show.js';
import { grouped, short } from './format.js';
import type { Session } from './session.js';

const checkpointOf = (run: Started, cycle: number | undefined): string => {
  const name = run.config.run;
  if (cycle === undefined) {
    if (!run.champion) throw new Refused(`run ${name} has no champion yet`);
    return run.champion;
  }
  const candidate = cycle === 0 ? run.anchor?.checkpoint : candidateIn(findCycle(run, cycle));
  if (!candidate) throw new Refused(`--cycle ${cycle}: that cycle of run ${name} has produced no checkpoint`);
  return candidate;
};

const FILES = ['model.safetensors', 'config.json', 'model.onnx'] as const;

/** A folder that takes the files, seen before they are made. @throws Refused, NoPlaceForFolder */
const openTarget = async (to: string): Promise<void> => {
  await makeFolder(to);
  await access(to, constants.W_OK);
  const there = await readdir(to);
  const taken = FILES.find((file) => there.includes(file));
  if (taken !== undefined)
    throw new Refused(`--to: ${join(to, taken)} is there already and is not overwritten; name another folder`);
};

type Target = Readonly<{ to: string; cycle?: number }>;

const exportCheckpoint = (session: Session, name: string, { to, cycle }: Target): Promise<void> =>
  session.read(async ({ log, ports }) => {
    const { run } = await findRun(log, name);
    const checkpoint = checkpointOf(run, cycle);
    await openTarget(to);
    const weights = await ports.artifacts.get(checkpoint);
    const onnx = ports.weights.exportOnnx(weights, run.config.sequence);
    const files: Record<(typeof FILES)[number], Uint8Array | string> = {
      'model.safetensors': weights,
      'config.json': `${JSON.stringify(huggingFaceConfig(run.config.model), null, 2)}\n`,
      'model.onnx': onnx,
    };
    for (const file of FILES) await writeFile(join(to, file), files[file], { flag: 'wx' });
    const { screen } = session;
    const what = cycle === undefined ? 'the champion' : cycle === 0 ? 'the anchor' : `the candidate of cycle ${cycle}`;
    screen.say(`Wrote ${what} of run ${name}, ${short(checkpoint)}, to ${to}:`);
    screen.paragraph(
      `${grouped(weights.length)} bytes, SHA-256 ${short(checkpoint)}…, names as in Hugging Face's Mamba2ForCausalLM`,
      '  model.safetensors  ',
    );
    screen.paragraph('read by transformers; a token is a byte, so there is no tokenizer', '  config.json        ');
    screen.paragraph(
      `${grouped(onnx.length)} bytes, opset 18, sequences of exactly ${run.config.sequence} bytes`,
      '  model.onnx         ',
    );
    screen.document({ run: name, checkpoint, folder: to, files: [...FILES] });
  });

export const registerCheckpoint = (program: Command, session: Session): void => {
  program
    .command('checkpoint')
    .description('checkpoints of a run')
    .command('export')
    .argument('<run>', 'its name')
    .requiredOption('--to <folder>', 'where to write; nothing is overwritten')
    .option('--cycle <n>', "that cycle's candidate, 0 the anchor (default: the champion)", cycleNumber)
    .description('write a checkpoint as a Hugging Face folder with ONNX beside it')
    .action((name: string, target: Target) => exportCheckpoint(session, name, target));
};
