import { writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { Refused } from '#ledger/decider.js';
import { typed } from './format.js';
import type { Session } from './session.js';

const LONGEST = 56;

/** The name that a file suggests for its run: "My text.yaml" -> "my-text". */
export const nameOf = (file: string): string => {
  const stem = basename(file).replace(/\.(ya?ml|json)$/i, '');
  const name = stem
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, LONGEST);
  return name === '' || name === 'run' ? 'my-run' : name;
};

/** In quotes where YAML would take the name for a number or the like. */
const asYaml = (name: string): string => (parse(name) === name ? name : JSON.stringify(name));

/** A run file that runs as it is; what is commented out is the default. */
export const runTemplate = (
  name: string,
): string => `# A run: one model, adapted in cycles, each change judged before it counts.
# Start it with: run start <this file>. Lines that are commented out show the defaults.

run: ${asYaml(name).padEnd(16)} # its name in the log: a-z, 0-9, "." and "-"
seed: 1               # fixes initialisation and the order of the data. The items of the gate are drawn by the name too:
                      # only a run of the same name and seed, in another folder, gives the same bytes throughout
cycles: 5             # how many changes are proposed at most

# Text that updates learn from and general quality is measured on. Either text of the installed packages
# (english, javascript, typescript, json, c) or a file or folder of your own; paths count from where you type.
corpora:
  english: { package: english }
  # mine: { path: ./my-text, licence: CC-BY-4.0 }
  # made: { path: ./written-by-a-model, origin: { kind: synthetic, model: SHA-256 of its weights } }
  # english: { registered: english }    # as an earlier run brought it, whatever the packages hold today
general: english      # the corpus whose bits per byte must not get worse than the anchor's
# texts: []           # further corpora to learn from

# model: { dModel: 64, layers: 2, dState: 64, headDim: 64 }    # a Mamba-2 on bytes
# sequence: 128       # bytes of context, a multiple of 64

# The base is trained from the seed, or is a checkpoint of your own: base: { checkpoint: ./folder }
base:
  steps: 600
  batch: 16           # sequences in a step
  learningRate: 0.003
  taskPpm: 250000     # millionths of the batch that are tasks; the rest is general text

# Tasks with exact answers that capability is the mean over; the unlearnable one counts for nothing.
# targets: [recall, selective-copy, periodic-copy, dyck, sort, addition, memorise]
# distractors: [unlearnable]

# How the next update's data is chosen: uniform, learning-progress, uncertainty or frozen (no update).
policy: uniform

# Who may train: contract (a replay trains every update again to the same bytes), or any (updates wait for a trainer of
# your own that asks the service for them; docs/trainers.md).
# trainers: contract

# How hard an update may pull: conservative (anchored, annealed) or aggressive (neither), or a list such as
# [{ fromCycle: 1, regime: conservative }, { fromCycle: 5, regime: aggressive }], or every field spelt out.
regime: conservative

# What the run remembers of its own past: sequences its champion learnt from are replayed (sharePpm of the replay), and every
# proposal says what it expects (docs/memory.md). Left out, it remembers nothing.
# memory: { episodic: { sharePpm: 500000, sequencesPerDomain: 64 }, predictive: {} }

# What a change must show before it counts. Everything left out is the default: general text at most 1% worse than
# the anchor, capability at most 0.5 points worse than the champion and rising, evaluators that agree and pass their controls.
constitution:
  name: default
  # alphaPlan: { alpha: 0.05, kMax: 12 }    # the chance of a false promotion, shared by at most kMax candidates
  # superiority: champion                   # ask for proof of a gain at every promotion

# How many units the gate measures; more units see smaller effects: \`constitution power <this file>\` says which.
evaluation:
  blocks: 160         # one sequence of every task each
  documents: 150
  shadowEvery: 10     # every n-th item is also run by the second evaluator
  referenceItems: 8   # items that are also run by the third, slow one; docs/evaluators.md
  controlBlocks: 8    # blocks that the evaluator's own controls are made of
  calibrationDocuments: 150   # documents at most, of those above, on which it is measured how sure the model is
`;

export const registerRunInit = (run: Command, session: Session): void => {
  run
    .command('init')
    .argument('[file]', 'where to write it', 'run.yaml')
    .description('write a commented run file that runs as it is')
    .action(async (file: string) => {
      const name = nameOf(file);
      await writeFile(file, runTemplate(name), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST')
          throw new Refused(`${file}: is there already and is not overwritten; name another file`);
        if (error.code === 'ENOENT') throw new Refused(`${file}: there is no folder ${dirname(file)} to write it in`);
        throw error;
      });
      session.screen.say(`Wrote ${file}, a run called ${name}. What to do next:`);
      session.suggest('what its gate can see', `constitution power ${typed(file)}`);
      session.suggest('start it', `run start ${typed(file)}`);
      session.screen.document({ file, run: name });
    });
};
